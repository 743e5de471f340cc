/** A system that lacks one guard of the protocol is found out, by the law that the guard is there for. */
import { expect, it } from 'vitest';
import { explore } from '../../src/machine/explore.ts';
import { SOUND, without, type Rules } from '../../src/machine/rules.ts';

const FOUND_BY: Record<keyof Rules, RegExp> = {
  claimTakesQueuedOnly: /law [27]/,
  claimAskedTwiceCountsOnce: /one claim counted twice/,
  claimRefusesSettledToken: /one claim counted twice/,
  claimWaitsForDue: /before its time/,
  claimKeepsStages: /law 3/,
  checkpointFenced: /law 2/,
  checkpointAskedTwiceWritesOnce: /law 3/,
  settleFenced: /law 2/,
  settleInProcessingOnly: /law [247]/,
  settleTellsIt: /law 7/,
  giveBackIsUnspent: /law 4/,
  cancelSticks: /to be cancelled/,
  leasesRunOut: /law 1/,
  expireClearsToken: /token stands without a claim/,
  expireSpends: /law 4/,
  expireEndsAfterLastAttempt: /no end to the attempts/,
  expireTellsIt: /law 7/,
  leftIsUnspent: /law 4/,
  outageMovesLeasesOn: /law 4/,
  orphansAreGivenBack: /law 4/,
  missingIsDelivered: /law 1/,
  dueIsDelivered: /law 1/,
  reconcilerLooksTwice: /living worker had it/,
  clearSparesProcessing: /law 7/,
  enqueueSparesProcessing: /law 7/,
  freshForgetsCancel: /old wish/,
};

it.each(Object.keys(SOUND) as (keyof Rules)[])('a system without %s is found out', (rule) => {
  const { broken } = explore(without(rule), { workers: 2, jobs: 1 });
  expect(broken?.law, broken?.trace.join('\n')).toMatch(FOUND_BY[rule]);
  expect(broken?.trace.length, 'the way to it is told').toBeGreaterThan(0);
});
