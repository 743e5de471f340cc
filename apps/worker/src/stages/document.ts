/**
 * Third stage: one Markdown document a job, `JOB_ID-application.md`, for a person to read. What the posting says is put
 * in as text: none of it becomes markup of the document.
 */
import type { StageContext } from '../pipeline/stage.ts';
import { isNormalPosting, isSummary } from './outputs.ts';
import type { NormalPosting } from './normalise.ts';
import type { Summary } from './summarise.ts';

export const DOCUMENT_NAME = 'application.md';

export interface DocumentWritten {
  readonly document: string;
  readonly bytes: number;
}

export const documentStage = {
  name: 'document',
  run: async ({ job, outputs, files }: Pick<StageContext, 'job' | 'outputs' | 'files'>): Promise<DocumentWritten> => {
    const { normalise, summarise } = outputs as { readonly normalise?: unknown; readonly summarise?: unknown };
    if (!isNormalPosting(normalise) || !isSummary(summarise))
      throw new Error('the stages before left no posting to write up');
    const markdown = documentOf(job.id, job.source, normalise, summarise);
    await files.write(DOCUMENT_NAME, markdown);
    return { document: `${job.id}-${DOCUMENT_NAME}`, bytes: Buffer.byteLength(markdown) };
  },
};

export function documentOf(jobId: string, source: string, posting: NormalPosting, summary: Summary): string {
  const facts = [
    ['Job', jobId],
    ['Source', source],
    ['Company', posting.company],
    ['Location', posting.location ?? 'not given'],
    ['Posted', posting.posted_at ?? 'not given'],
    ['Link', posting.url ?? 'not given'],
    ['Length', `${String(summary.words)} words, ${String(summary.reading_minutes)} min to read`],
    ['Keywords', summary.keywords.map(({ word }) => word).join(', ') || 'none'],
  ] as const;
  const lines = [
    `# ${escaped(`${posting.title} at ${posting.company}`)}`,
    '',
    ...facts.map(([name, value]) => `- **${name}:** ${escaped(value)}`),
    '',
    '## The posting',
    '',
    ...(posting.text === '' ? ['It has no description.'] : posting.text.split('\n').map(bodyLine)),
    ...(posting.truncated ? ['', '(The posting is longer; the rest is left out.)'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** A list's item stays one; any other line is text, and a paragraph ends where it ends. */
function bodyLine(line: string): string {
  return line.startsWith('- ') ? `- ${escaped(line.slice(2))}` : `${escaped(line)}${line === '' ? '' : '  '}`;
}

function escaped(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|~]/gu, String.raw`\$&`)
    .replace(/^(\s*)([#+=-])/u, String.raw`$1\$2`)
    .replace(/^(\s*\d+)([.)])/u, String.raw`$1\$2`);
}
