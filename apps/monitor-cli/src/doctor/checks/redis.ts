// Is Redis there and quick, does it keep what it is given, and does it throw nothing away to save memory? Losing Redis loses
// no job; it costs a rebuild, and order is restored within seconds.
import { isAway, type DoctorFacts, type RedisFacts } from '../facts.ts';
import { mend, ok, warn, type Finding } from '../finding.ts';

const MAJOR_MIN = 6;
const SLOW_MS = 20;
const MEMORY_PART_WARN = 0.8;
const MEMORY_PART_MEND = 0.95;

function version({ version: text }: RedisFacts): Finding {
  const check = 'redis.version';
  const major = Number(text.split('.')[0]);
  if (Number.isNaN(major)) return warn(check, 'the server does not tell its version', 'use Redis 6 or later');
  return major < MAJOR_MIN
    ? mend(check, `Redis ${text} is too old`, 'upgrade to Redis 6 or later')
    : ok(check, `Redis ${text}`);
}

function eviction({ memory }: RedisFacts): Finding {
  const check = 'redis.maxmemory_policy';
  const policy = memory['maxmemory_policy'] ?? 'unknown';
  if (policy === 'noeviction') return ok(check, policy);
  const cure = 'set maxmemory-policy to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)';
  const told = `${policy}: with its memory full Redis drops jobs on their way`;
  return Number(memory['maxmemory'] ?? 0) > 0
    ? mend(check, told, cure)
    : warn(check, `${told}; no maxmemory is set now`, cure);
}

function room({ memory }: RedisFacts): Finding {
  const check = 'redis.memory';
  const [used, max] = [Number(memory['used_memory'] ?? 0), Number(memory['maxmemory'] ?? 0)];
  const told = `${String(Math.round(used / 1024 / 1024))} MiB used`;
  if (max === 0) return ok(check, told);
  const part = used / max;
  const whole = `${told} of ${String(Math.round(max / 1024 / 1024))} MiB`;
  if (part > MEMORY_PART_MEND) return mend(check, `${whole}: Redis is about to refuse writes`, 'raise maxmemory');
  return part > MEMORY_PART_WARN ? warn(check, whole, 'raise maxmemory') : ok(check, whole);
}

function persistence({ persistence: facts }: RedisFacts): Finding {
  const check = 'redis.appendonly';
  if (facts['aof_enabled'] === '1') {
    return facts['aof_last_write_status'] === 'err'
      ? mend(check, 'the append-only file cannot be written', "make room on Redis' disk, or mend its rights")
      : ok(check, 'on');
  }
  return warn(check, 'off: a restart of Redis empties the queue until it is rebuilt', 'set appendonly yes');
}

export function checkRedis({ redis }: DoctorFacts): readonly Finding[] {
  if (isAway(redis)) return [mend('redis.reachable', redis.away, 'start Redis, or correct REDIS_URL')];
  const latency = `${redis.latencyMs.toFixed(1)} ms a round trip`;
  return [
    redis.latencyMs > SLOW_MS
      ? warn(
          'redis.reachable',
          `answers slowly: ${latency}`,
          'bring Redis nearer, or look for slow commands (SLOWLOG GET)',
        )
      : ok('redis.reachable', latency),
    version(redis),
    eviction(redis),
    room(redis),
    persistence(redis),
  ];
}
