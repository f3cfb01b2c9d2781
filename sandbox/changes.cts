const STOPPED = 'The sandbox has stopped';

/** Announces every change in the sandbox, so that tests can await events instead of sleeping. */
export class Changes {
	/** The number of changes so far. */
	count = 0;
	private isOver = false;
	private readonly waiting = new Set<{ check: () => void; stop: (reason: Error) => void }>();

	announce(): void {
		this.count += 1;
		for (const waiter of [...this.waiting]) waiter.check();
	}

	/** Resolves with the first truthy value of `condition`, which is evaluated now and after every change. */
	waitFor<T>(condition: () => T | false | null | undefined): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			const waiter = {
				check: () => {
					try {
						const found = condition();
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
			else waiter.check();
		});
	}

	/** Rejects all pending and future calls of `waitFor`. */
	end(): void {
		this.isOver = true;
		for (const waiter of [...this.waiting]) waiter.stop(new Error(STOPPED));
	}
}
