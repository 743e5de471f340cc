/**
 * Takes secrets out of text and names the fields that hold some. Struck out: every given secret, as it is and
 * percent-encoded, and the credentials in any address (`scheme://user:password@host`). Not found: a secret nobody named
 * in a field nobody would suspect; the first rule is not to log one.
 */
export const STRUCK = '[secret]';

const INPUT_MAX = 65_536;
const ADDRESS_CREDENTIALS = /\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/?#"'<>]*@/gi;
/** Passwords of stores are often written without encoding: up to the last @ of the word, whatever stands between. */
const STORE_CREDENTIALS = /\b((?:redis|rediss|redis\+sentinel|postgres|postgresql):\/\/)[^\s"'<>]*@/gi;
const SECRET_KEY = /pass(?:word|wd|phrase)|token|secret|credential|authorization|api_?key|(?:^|[_-])key$|Key$/;

/** Whether a field of this name is struck, whatever it holds. */
export const namesSecret = (key: string): boolean => SECRET_KEY.test(key) || SECRET_KEY.test(key.toLowerCase());

/** A function that strikes `secrets` and credentials out of a text; text above 64 Ki is cut first. */
export function createStriker(secrets: readonly string[] = []): (text: string) => string {
  const forms = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())]))]
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let struck = text.slice(0, INPUT_MAX);
    for (const form of forms) struck = struck.replaceAll(form, STRUCK);
    return struck.replace(STORE_CREDENTIALS, `$1${STRUCK}@`).replace(ADDRESS_CREDENTIALS, `$1${STRUCK}@`);
  };
}

/** Strikes the credentials of addresses alone, where no secret is known. */
export const strikeCredentials = createStriker();
