// Builds and packs a project as it would be published, and prints where the tarball is.
import { packPackage } from '../../scripts/package-install.mts';

const [, , project = '', into = ''] = process.argv;
process.stdout.write(await packPackage(project, into));
