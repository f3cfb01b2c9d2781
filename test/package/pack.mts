// Builds and packs a project as it would be published, and prints the path of the tarball.
import { packPackage } from '../../scripts/package-install.mts';

const [, , project = '', into = ''] = process.argv;
process.stdout.write(await packPackage(project, into));
