/**
 * Second stage: figures and words that tell what the posting is about. Plain counting; a later pipeline matches it with
 * the candidate.
 */
import { isNormalPosting } from './outputs.ts';
import type { StageContext } from '../pipeline/stage.ts';
import type { NormalPosting } from './normalise.ts';

const KEYWORDS_MAX = 12;
const KEYWORD_CHARS_MIN = 3;
const WORDS_A_MINUTE = 220;
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'about all also and any are ask been being both but can come could day days did does doing each etc even every few for from get give good had has ' +
    'have having her here his how into its job just know like look make many may more most much must need new not now off one only other our out over ' +
    'own part per role same she should some such than that the their them then there these they this those through time too under until upon use using very ' +
    'was way well were what when where which while who why will with within work working would year years you your ' +
    'aber als auch auf aus bei bis das dass dem den der des die durch ein eine einem einen einer für haben hat ihr ihre ist mit nach nicht oder sich sie sind ' +
    'und uns unser von vor was wie wir wird zum zur avec dans des est les nos notre nous par pour que qui sur une vos votre vous'
  ).split(' '),
);

export interface Summary {
  readonly words: number;
  readonly paragraphs: number;
  readonly reading_minutes: number;
  /** Most frequent first; of equal ones the first met. */
  readonly keywords: readonly { readonly word: string; readonly count: number }[];
}

export const summariseStage = {
  name: 'summarise',
  run: ({ outputs }: Pick<StageContext, 'outputs'>): Summary => {
    const { normalise } = outputs as { readonly normalise?: unknown };
    if (!isNormalPosting(normalise)) throw new Error('the stage "normalise" left no posting to summarise');
    return summarise(normalise);
  },
};

export function summarise({ title, text }: Pick<NormalPosting, 'title' | 'text'>): Summary {
  const words = wordsOf(text);
  return {
    words: words.length,
    paragraphs: text.split('\n').filter((line) => line !== '').length,
    reading_minutes: Math.ceil(words.length / WORDS_A_MINUTE),
    keywords: keywords([...wordsOf(title), ...words]),
  };
}

/** A run of letters and digits, with what joins them inside: "c++", "node.js", "full-time". */
function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}+#]*(?:[.'’-][\p{L}\p{N}][\p{L}\p{M}\p{N}+#]*)*/gu) ?? [];
}

function keywords(words: readonly string[]): Summary['keywords'] {
  const counts = new Map<string, number>();
  for (const written of words) {
    const word = written.toLowerCase();
    if (word.length < KEYWORD_CHARS_MIN || word.length > 40 || STOP_WORDS.has(word) || /^[\p{N}.,'’-]+$/u.test(word))
      continue;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.slice(0, KEYWORDS_MAX).map(([word, count]) => ({ word, count }));
}
