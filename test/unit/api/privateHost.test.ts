import { isOutOfReach, isPrivate } from '../../../nodes/Pika/api/privateHost';

const PRIVATE = [
	'http://localhost',
	'http://LOCALHOST:5678',
	'http://localhost.',
	'http://n8n.localhost',
	'http://a.b.localhost./x',
	'http://127.0.0.1',
	'http://127.255.255.254',
	'http://127.1',
	'http://2130706433',
	'http://0x7f.0.0.1',
	'http://0177.0.0.1',
	'http://127.0.0.1.',
	'http://0.0.0.0:5678',
	'http://0.1.2.3',
	'http://10.0.0.1',
	'http://10.255.255.255',
	'http://172.16.0.1',
	'http://172.31.255.255',
	'http://192.168.1.4:5678',
	'http://169.254.169.254',
	'http://100.64.0.1',
	'http://100.127.255.255',
	'http://198.18.0.1',
	'http://224.0.0.1',
	'http://255.255.255.255',
	'http://[::]',
	'http://[::1]:5678',
	'http://[0:0:0:0:0:0:0:1]',
	'http://[::ffff:127.0.0.1]',
	'http://[::ffff:10.1.2.3]',
	'http://[::ffff:c0a8:104]',
	'http://[::ffff:100.64.0.1]',
	'http://[::127.0.0.1]',
	'http://[::ffff:0:10.0.0.1]',
	'http://[64:ff9b::10.0.0.1]',
	'http://[2002:c0a8:104::1]',
	'http://[fc00::1]',
	'http://[fd12:3456:789a::1]',
	'http://[fe80::1]',
	'http://[febf::1]',
	'http://[fec0::1]',
	'http://[ff02::1]',
	'http://n8n',
	'http://n8n:5678/webhook',
	'http://printer.local',
	'http://n8n.local.',
	'http://vault.internal',
	'http://host.docker.internal:5678',
	'http://metadata.google.internal',
	'http://nas.lan',
	'http://router.home.arpa',
	'http://build.corp',
	'http://app.test',
];

const PUBLIC = [
	'https://api.useapi.net',
	'https://n8n.example.com',
	'https://n8n.example.com.',
	'https://localhost.example.com',
	'https://notlocalhost.com',
	'https://local.example.com',
	'https://mylan.com',
	'https://internal.example.com',
	'https://test.example.com',
	'https://127.0.0.1.example.com',
	'https://10.0.0.1.nip.io',
	'https://1.1.1.1',
	'https://9.255.255.255',
	'https://11.0.0.1',
	'https://100.63.255.255',
	'https://100.128.0.1',
	'https://169.253.0.1',
	'https://172.15.255.255',
	'https://172.32.0.1',
	'https://192.167.1.1',
	'https://192.169.1.1',
	'https://198.17.0.1',
	'https://223.255.255.255',
	'https://[2001:4860:4860::8888]',
	'https://[2606:4700::1111]',
	'https://[::ffff:8.8.8.8]',
	'https://[64:ff9b::8.8.8.8]',
	'https://[2002:808:808::1]',
	'https://[fbff::1]',
	'https://[1:2:3:4:5:6:7:8]',
];

describe('isPrivate', () => {
	it.each(PRIVATE)('isPrivate is true for %s', (url) => {
		expect(isPrivate(new URL(url))).toBe(true);
	});

	it.each(PUBLIC)('isPrivate is false for %s', (url) => {
		expect(isPrivate(new URL(url))).toBe(false);
	});
});

describe('isOutOfReach', () => {
	const machine = 'http://127.0.0.1:4010';
	const network = 'https://10.0.0.5';
	const internet = 'https://api.useapi.net';

	it.each<[string, string, boolean]>([
		['http://localhost:5678', machine, false],
		['http://localhost:5678', network, true],
		['http://localhost:5678', internet, true],
		['http://[::ffff:127.0.0.1]:5678', internet, true],
		['http://192.168.1.4:5678', machine, false],
		['http://192.168.1.4:5678', network, false],
		['http://192.168.1.4:5678', internet, true],
		['https://n8n.example.com', machine, false],
		['https://n8n.example.com', network, false],
		['https://n8n.example.com', internet, false],
	])('isOutOfReach says whether %s is unreachable from %s: %s', (url, server, is) => {
		expect(isOutOfReach(new URL(url), new URL(server))).toBe(is);
	});
});
