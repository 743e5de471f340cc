/**
 * What can go wrong while a private server is looked for or started. Each message says what to do next.
 */

/** No way to get such a server on this machine. */
export class ServerMissingError extends Error {
  override readonly name = 'ServerMissingError';
  readonly code = 'SERVER_MISSING';
}

/** A server was started and did not become ready; `log` is the end of what it wrote. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
  readonly code = 'SERVER_START';
  readonly log: string;

  constructor(message: string, log: string) {
    super(log === '' ? message : `${message}:\n${log}`);
    this.log = log;
  }

  /** Another process holds the port: another port may work. */
  get portTaken(): boolean {
    return /Address already in use|could not create any TCP\/IP sockets/.test(this.log);
  }
}
