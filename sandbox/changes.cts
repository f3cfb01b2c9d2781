const STOPPED = 'The sandbox has stopped';

/** Lets tests await an event instead of sleeping: every change of the sandbox is announced here. */
export class Changes {
	/** How many there were. */
	count = 0;
	private isOver = false;
	private readonly waiting = new Set<{ look: () => void; stop: (reason: Error) => void }>();

	announce(): void {
		this.count += 1;
		for (const waiter of [...this.waiting]) waiter.look();
	}

	/** Resolves with the first truthy value of `look`, which is asked now and after every change. */
	waitFor<T>(look: () => T | false | null | undefined): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			const waiter = {
				look: () => {
					try {
						const found = look();
						if (!found) return;
						this.waiting.delete(waiter);
						resolve(found);
					} catch (error) {
						waiter.stop(error instanceof Error ? error : new Error(String(error)));
					}
				},
				stop: (reason: Error) => {
					this.waiting.delete(waiter);
					reject(reason);
				},
			};
			this.waiting.add(waiter);
			if (this.isOver) waiter.stop(new Error(STOPPED));
			else waiter.look();
		});
	}

	/** Rejects everything still awaited, and all that is asked from now on. */
	end(): void {
		this.isOver = true;
		for (const waiter of [...this.waiting]) waiter.stop(new Error(STOPPED));
	}
}
