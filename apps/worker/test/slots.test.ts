// Suspects that waited for the same moment all began at once: each looked whether it was alone before the first had said
// that it was.
import { expect, test } from 'vitest';
import { createSlots, type Release } from '../src/slots.ts';

/** Whether a promise has settled once all that is ready has run. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const unsettled = Symbol('unsettled');
  const turn = new Promise((resolve) => setImmediate(() => resolve(unsettled)));
  return (await Promise.race([promise, turn])) === unsettled;
}

async function place(given: Promise<Release | undefined>): Promise<Release> {
  const release = await given;
  if (release === undefined) throw new Error('no place was given');
  return release;
}

test('jobs run side by side', async () => {
  const slots = createSlots();
  await slots.beside();
  expect(await isPending(slots.beside())).toBe(false);
});

test('a suspect waits until nobody else runs, and nobody runs beside it', async () => {
  const slots = createSlots();
  const release = await place(slots.beside());
  const alone = slots.alone();
  expect(await isPending(alone)).toBe(true);
  release();
  const releaseAlone = await place(alone);
  const next = slots.beside();
  expect(await isPending(next)).toBe(true);
  releaseAlone();
  expect(await isPending(next)).toBe(false);
});

test('who comes after a waiting suspect waits for it, so that it is not starved; nor does it starve them', async () => {
  const slots = createSlots();
  const release = await place(slots.beside());
  const alone = slots.alone();
  const late = slots.beside();
  const later = slots.alone();
  expect(await isPending(late)).toBe(true);
  release();
  (await place(alone))();
  expect([await isPending(late), await isPending(later)]).toEqual([false, true]);
});

test('suspects that wait for the same moment run one after the other', async () => {
  const slots = createSlots();
  const release = await place(slots.beside());
  let running = 0;
  let most = 0;
  const suspects = Array.from({ length: 3 }, async () => {
    const releaseAlone = await place(slots.alone());
    most = Math.max(most, (running += 1));
    await new Promise(setImmediate);
    running -= 1;
    releaseAlone();
  });
  release();
  await Promise.all(suspects);
  expect(most).toBe(1);
});

test('a release that is called twice frees one place', async () => {
  const slots = createSlots();
  const release = await place(slots.beside());
  await slots.beside();
  release();
  release();
  expect(await isPending(slots.alone())).toBe(true);
});

test('at the end nobody waits any more or is let in, and who has a place keeps it', async () => {
  const slots = createSlots();
  const release = await place(slots.beside());
  const waiting = [slots.alone(), slots.beside()];
  slots.stop();
  expect(await Promise.all([...waiting, slots.beside(), slots.alone()])).toEqual(Array(4).fill(undefined));
  release();
});

test('it tells while somebody runs alone or waits to, so that nothing is taken meanwhile', async () => {
  const told: boolean[] = [];
  const slots = createSlots((alone) => void told.push(alone));
  const release = await place(slots.beside());
  const alone = slots.alone();
  const next = slots.alone();
  expect(told).toEqual([true]);
  release();
  (await place(alone))();
  expect(told).toEqual([true]);
  (await place(next))();
  expect(told).toEqual([true, false]);
  await slots.beside();
  void slots.alone();
  slots.stop();
  expect(told).toEqual([true, false, true, false]);
});
