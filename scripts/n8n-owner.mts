import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const ownerSchema = z.object({ email: z.string(), password: z.string() });

export type Owner = z.infer<typeof ownerSchema>;

/** The owner account of the n8n in this user folder: a made-up address, and a random password that is kept there. */
export async function n8nOwnerOf(userFolder: string): Promise<Owner> {
	const file = join(userFolder, 'owner.json');
	const kept = await readFile(file, 'utf8').catch(() => undefined);
	if (kept !== undefined) {
		const content: unknown = JSON.parse(kept);
		return ownerSchema.parse(content);
	}

	// n8n requires a digit and a capital letter.
	const password = `${randomBytes(12).toString('base64url')}-A1`;
	const owner = { email: 'owner@sandbox.example', password };
	await mkdir(userFolder, { recursive: true });
	await writeFile(file, JSON.stringify(owner, null, 2), { mode: 0o600 });
	return owner;
}
