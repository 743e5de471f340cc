import { expect, test } from 'vitest';
import { createSlots } from '../src/slots.ts';

/** Whether a promise has settled once all that is ready has run. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const unsettled = Symbol('unsettled');
  const turn = new Promise((resolve) => setImmediate(() => resolve(unsettled)));
  return (await Promise.race([promise, turn])) === unsettled;
}

test('jobs run side by side', async () => {
  const slots = createSlots();
  await slots.beside();
  expect(await isPending(slots.beside())).toBe(false);
});

test('a suspect waits until nobody else runs, and nobody runs beside it', async () => {
  const slots = createSlots();
  const release = await slots.beside();
  const alone = slots.alone();
  expect(await isPending(alone)).toBe(true);
  release();
  const releaseAlone = await alone;
  const next = slots.beside();
  expect(await isPending(next)).toBe(true);
  releaseAlone();
  expect(await isPending(next)).toBe(false);
});

test('who comes after a waiting suspect waits for it, so that it is not starved', async () => {
  const slots = createSlots();
  const release = await slots.beside();
  const alone = slots.alone();
  const late = slots.beside();
  expect(await isPending(late)).toBe(true);
  release();
  (await alone)();
  expect(await isPending(late)).toBe(false);
});

test('two suspects run one after the other', async () => {
  const slots = createSlots();
  const first = await slots.alone();
  const second = slots.alone();
  expect(await isPending(second)).toBe(true);
  first();
  expect(await isPending(second)).toBe(false);
});

test('a release that is called twice frees one place', async () => {
  const slots = createSlots();
  const release = await slots.beside();
  await slots.beside();
  release();
  release();
  expect(await isPending(slots.alone())).toBe(true);
});
