import { expect, test } from 'vitest';
import { kept } from '../shared/kept.ts';

const minutes = 60_000;

function keeper(keepOld?: (error: unknown) => void) {
  const asked: string[] = [];
  const state = { now: 0, fails: false, asked };
  const read = kept(
    async (key) => {
      asked.push(key);
      if (state.fails) throw new Error('no answer');
      return `${key} at ${state.now}`;
    },
    { clock: () => state.now, ...(keepOld && { keepOld }) },
  );
  return { state, read };
}

test('a value is kept for five minutes, each key by itself', async () => {
  const { state, read } = keeper();
  expect(await read('a')).toBe('a at 0');
  state.now = 5 * minutes - 1;
  expect(await read('a')).toBe('a at 0');
  expect(await read('b')).toBe(`b at ${state.now}`);
  state.now = 5 * minutes;
  expect(await read('a')).toBe('a at 300000');
  expect(state.asked).toEqual(['a', 'b', 'a']);
});

test('a failure is not kept', async () => {
  const { state, read } = keeper();
  state.fails = true;
  await expect(read('a')).rejects.toThrow('no answer');
  state.fails = false;
  expect(await read('a')).toBe('a at 0');
});

test('an old value stays in use only where the reader says so', async () => {
  const errors: unknown[] = [];
  const [lenient, strict] = [keeper((error) => errors.push(error)), keeper()];
  for (const { state, read } of [lenient, strict]) {
    await read('a');
    state.now = 5 * minutes;
    state.fails = true;
  }
  expect(await lenient.read('a')).toBe('a at 0');
  expect(errors).toHaveLength(1);
  await expect(strict.read('a')).rejects.toThrow('no answer');
});
