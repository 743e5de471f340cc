// Texts that strangers wrote (titles, companies, error messages), made fit for a terminal: escape sequences, control
// characters and marks that turn the direction of writing are taken out, white space becomes single blanks. Pure.
// It does not shorten: that is the table's part.

/** CSI and OSC sequences as a whole, then any other escape with the character behind it; in 7 and in 8 bits. */
const SEQUENCES =
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// eslint-disable-next-line no-control-regex -- as above
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** One line. */
export function plainLine(text: string): string {
  return text.replace(SEQUENCES, '').replace(/\s+/g, ' ').replace(CONTROL, '').replace(DIRECTION, '').trim();
}

/** Lines stay lines, as in a stack. */
export function plainLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map((line) => {
    const indent = /^ */.exec(line)?.[0] ?? '';
    return `${indent}${plainLine(line)}`;
  });
}
