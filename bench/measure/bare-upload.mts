// Runs in a process of its own, under the Node that runs n8n.
import { uploadBare } from './bare-stream.mts';
import type { BareUpload } from './bare-uploader.mts';

process.on('message', (wanted: BareUpload) => {
	void uploadBare(wanted).then(
		(answer) => process.send?.(answer),
		(error: unknown) => process.send?.({ error: String(error) }),
	);
});

// Without its parent nobody needs it.
process.on('disconnect', () => process.exit());
process.send?.('ready');
