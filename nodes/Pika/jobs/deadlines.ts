import { Alarm } from './alarm';
import type { Clock } from './clock';

/** Deadlines that are closer together are handled at the same time. */
const GRAIN_MILLISECONDS = 1000;

/** Reports each member of a collection once, when its deadline has passed. */
export class Deadlines<Member extends { deadline?: number }> {
	private readonly next: Alarm;

	private readonly over = new WeakSet<Member>();

	private lastAt = -Infinity;

	private isTiming = false;

	constructor(
		private readonly clock: Clock,
		halt: AbortSignal,
		private readonly members: ReadonlyMap<Member, unknown>,
		private readonly onOver: (members: Member[]) => void,
	) {
		this.next = new Alarm(clock, halt);
	}

	added({ deadline = Infinity }: Member): void {
		if (deadline < this.next.setFor) this.next.ring();
		void this.keepTime();
	}

	private async keepTime(): Promise<void> {
		if (this.isTiming) return;
		this.isTiming = true;
		while (this.members.size > 0 && (await this.next.until(this.nextAt()))) this.tell();
		this.isTiming = false;
	}

	private nextAt(): number {
		let next = Infinity;
		for (const member of this.members.keys()) {
			if (!this.over.has(member)) next = Math.min(next, member.deadline ?? Infinity);
		}
		return Math.max(next, this.lastAt + GRAIN_MILLISECONDS);
	}

	private tell(): void {
		const now = this.clock.now();
		const overdue = [...this.members.keys()].filter(
			(member) => !this.over.has(member) && (member.deadline ?? Infinity) <= now,
		);
		if (overdue.length === 0) return;
		this.lastAt = now;
		for (const member of overdue) this.over.add(member);
		this.onOver(overdue);
	}
}
