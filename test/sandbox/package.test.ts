import { parse } from 'yaml';

import { baseUrlProblem } from '../../nodes/Pika/api/baseUrl';
import { isOutOfReach } from '../../nodes/Pika/api/privateHost';
import { optionsFrom } from '../../sandbox/cli-options.cts';
import { brokenLinks } from '../docs/document.cts';
import { filesBelow, textOf } from '../structure/source.cts';

interface Manifest {
	name: string;
	version: string;
	license: string;
	engines: object;
	bin: Record<string, string>;
	dependencies: Record<string, string>;
	devDependencies: Record<string, string>;
}

interface Service {
	image: string;
	ports: string[];
	environment?: Record<string, string>;
	command?: string[];
}

const manifest = JSON.parse(textOf('sandbox/package.json')) as Manifest;
const root = JSON.parse(textOf('package.json')) as Manifest;

describe('The package of the sandbox', () => {
	it('The package of the sandbox depends on the versions that these tests use.', () => {
		const tested = Object.keys(manifest.dependencies).map((name) => [
			name,
			root.devDependencies[name],
		]);
		expect(manifest.dependencies).toEqual(Object.fromEntries(tested));
	});

	it('The package of the sandbox has the same version, license and Node version as the nodes.', () => {
		const { version, license, engines } = manifest;
		expect({ version, license, engines }).toEqual({
			version: root.version,
			license: root.license,
			engines: root.engines,
		});
		expect(textOf('sandbox/LICENSE')).toBe(textOf('LICENSE'));
	});

	it('The package of the sandbox depends on exactly the packages that it imports.', () => {
		const sources = filesBelow('sandbox').filter((path) => path.endsWith('.cts'));
		const code = sources.map((path) => textOf(path)).join('\n');
		const named = Object.keys(manifest.dependencies).filter((name) => !code.includes(`'${name}'`));
		// Only its files are read; nothing is imported from it.
		expect(named).toEqual(['@fontsource/noto-sans']);
		const imported = [...code.matchAll(/ from '([^.'][^']*)'/g)].map(([, name = '']) => name);
		const foreign = imported.filter((name) => !name.startsWith('node:'));
		expect(foreign.filter((name) => !(name in manifest.dependencies))).toEqual([]);
	});
});

// These tests cannot run Docker, so they parse the file. e2e/networks.test.mts runs the packed sandbox and n8n on two
// networks, as the file does.
describe('compose.yaml', () => {
	const text = textOf('sandbox/compose.yaml');
	const { services } = parse(text) as { services: Record<'n8n' | 'sandbox', Service> };
	const comment = (label: string) => new RegExp(`^#\\s+${label} +(\\S+)$`, 'm').exec(text)?.[1];

	it('The compose file publishes all ports to the local machine only.', () => {
		const ports = Object.values(services).flatMap((service) => service.ports);
		expect(ports).toEqual(['127.0.0.1:5678:5678', '127.0.0.1:4010:4010']);
	});

	it('The compose file starts this version of the sandbox with valid options, and gives the values for the credential.', () => {
		const [npx, yes, specifier, ...args] = services.sandbox.command ?? [];
		expect([npx, yes, specifier]).toEqual(['npx', '--yes', `${manifest.name}@${manifest.version}`]);
		const options = optionsFrom(args);
		if (options === 'help') throw new Error('It only shows its help');
		expect(options).toMatchObject({ host: '0.0.0.0', apiToken: comment('API Token') });
		const baseUrl = comment('Base URL') ?? '';
		expect(baseUrl).toBe(`http://sandbox:${options.port}`);
		expect(comment('Allow Plain HTTP \\(Insecure\\)')).toBe('on');
		expect(baseUrlProblem({ baseUrl, allowPlainHttp: true })).toBeUndefined();
		expect(comment('Sandbox')).toBe(`http://localhost:${options.port}/#token=${options.apiToken}`);
	});

	it('The compose file gives n8n a webhook URL that the sandbox can call.', () => {
		const { N8N_WEBHOOK_URL: url = '', WEBHOOK_URL } = services.n8n.environment ?? {};
		expect(WEBHOOK_URL).toBe(url);
		expect(new URL(url).host).toBe('n8n:5678');
		expect(isOutOfReach(new URL(url), new URL('http://sandbox:4010'))).toBe(false);
	});
});

describe('The README of the sandbox', () => {
	const readme = textOf('sandbox/README.md');

	it('All links in the README of the sandbox work on npm.', () => {
		expect(brokenLinks('sandbox/README.md')).toEqual([]);
		const relative = [...readme.matchAll(/\]\((?!https:|#)([^)]+)\)/g)].map(([, link]) => link);
		expect(relative).toEqual([]);
	});

	it('The README of the sandbox lists every option.', () => {
		for (const option of ['--host', '--port', '--token', '--allow-host', '--job-seconds']) {
			expect(readme).toContain(`| \`${option}`);
		}
	});

	it('The README of the sandbox contains the compose file unchanged.', () => {
		expect(readme).toContain(`\`\`\`yaml\n${textOf('sandbox/compose.yaml')}\`\`\``);
	});
});
