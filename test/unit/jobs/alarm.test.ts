import { Alarm } from '../../../nodes/Pika/jobs/alarm';
import { ControlledClock } from './controlledClock';

function setAlarm() {
	const clock = new ControlledClock();
	const halt = new AbortController();
	return { clock, halt, alarm: new Alarm(clock, halt.signal), start: clock.now() };
}

describe('Alarm', () => {
	it('Alarm goes off at its time', async () => {
		const { alarm, clock, start } = setAlarm();
		expect(await clock.run(alarm.until(start + 5000))).toBe(true);
		expect(clock.now()).toBe(start + 5000);
	});

	it('Alarm goes off at once if its time has passed', async () => {
		const { alarm, clock, start } = setAlarm();
		expect(await clock.run(alarm.until(start - 5000))).toBe(true);
		expect(clock.now()).toBe(start);
	});

	it('Alarm goes off early when it is rung, and can be set again', async () => {
		const { alarm, clock, start } = setAlarm();
		const waiting = alarm.until(Infinity);
		alarm.ring();
		expect(await clock.run(waiting)).toBe(true);
		expect(clock.now()).toBe(start);
		expect(await clock.run(alarm.until(start + 1000))).toBe(true);
		expect(clock.now()).toBe(start + 1000);
	});

	it('Alarm reports the end of the run as soon as it ends', async () => {
		const { alarm, clock, halt } = setAlarm();
		const waiting = alarm.until(Infinity);
		halt.abort();
		expect(await clock.run(waiting)).toBe(false);
		expect(await clock.run(alarm.until(0))).toBe(false);
	});
});
