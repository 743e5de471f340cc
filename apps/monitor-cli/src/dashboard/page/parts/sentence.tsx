// A sentence of the server, with what stands between backticks set as code. All of it is text.
import type { JSX } from 'preact';

export function Sentence({ text }: { readonly text: string }): JSX.Element {
  const pieces = text.split('`');
  return (
    <>
      {pieces.map((piece, place) =>
        place % 2 === 1 && place < pieces.length - 1 ? <code key={place}>{piece}</code> : piece,
      )}
    </>
  );
}
