const COMPACT_AFTER = 1000;

/** A queue whose first member is taken in constant time, however long it is. */
export class Fifo<Member> {
	private members: Member[] = [];

	private head = 0;

	push(member: Member): void {
		this.members.push(member);
	}

	/** Inserts a member before the first one that it precedes. */
	insert(member: Member, precedes: (other: Member) => boolean): void {
		const last = this.members.at(-1);
		if (this.head === this.members.length || !last || !precedes(last)) return this.push(member);
		let place = this.head;
		while (!precedes(this.members[place] as Member)) place++;
		if (place > 0 && place === this.head) this.members[--this.head] = member;
		else this.members.splice(place, 0, member);
	}

	/** Returns the first member without removing it. */
	peek(): Member | undefined {
		return this.members[this.head];
	}

	/** Removes and returns the first member. */
	shift(): Member | undefined {
		const first = this.members[this.head];
		if (this.head < this.members.length) this.head++;
		if (this.head > COMPACT_AFTER && this.head * 2 > this.members.length) {
			this.members = this.members.slice(this.head);
			this.head = 0;
		}
		return first;
	}

	*[Symbol.iterator](): Generator<Member> {
		for (let i = this.head; i < this.members.length; i++) yield this.members[i] as Member;
	}
}
