/**
 * The secrets of an environment, for the logger to strike out: tokens, keys, passwords, and the addresses that are
 * secret as a whole. Left out is what has fewer than four characters: it protects nothing, and would garble every line.
 */
import type { Environment } from './read-environment.ts';

const CHARACTERS_MIN = 4;

export function secretsOf(environment: Environment): readonly string[] {
  const { redis, databaseUrl, operatorToken, viewerToken, notifyWebhookUrl, notifyWebhookSecret, llm } = environment;
  const databasePassword = new URL(databaseUrl).password;
  const candidates = [
    redis.password,
    databaseUrl,
    databasePassword,
    decodeURIComponent(databasePassword),
    operatorToken,
    viewerToken,
    notifyWebhookUrl,
    notifyWebhookSecret,
    llm?.apiKey,
  ];
  const secrets = candidates.filter((candidate) => candidate !== undefined);
  return [...new Set(secrets)].filter((secret) => secret.length >= CHARACTERS_MIN);
}
