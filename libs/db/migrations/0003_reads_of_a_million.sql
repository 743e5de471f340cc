-- Text as it is compared: without regard to case in any script, whatever the locale of the database (in "C" its own lower()
-- knows only A to Z). Where the server was built without ICU, its lower() has to do.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_collation WHERE collname = 'und-x-icu') THEN
    CREATE FUNCTION public.jobhive_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      AS 'SELECT lower(words COLLATE pg_catalog."und-x-icu")';
  ELSE
    CREATE FUNCTION public.jobhive_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
      AS 'SELECT lower(words)';
  END IF;
END $$;
--> statement-breakpoint
-- Every run of one, two and three characters: what an index must hold so that any part of a word is found by it, signs and
-- blanks as well. The fold is a step of its own, or it would be done again for each character.
CREATE FUNCTION public.jobhive_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS $$
  WITH f AS MATERIALIZED (SELECT public.jobhive_folded(words) AS s)
  SELECT string_to_array(f.s, NULL) || coalesce((SELECT array_agg(v.gram) FROM generate_series(1, length(f.s) - 1) AS i,
    LATERAL (VALUES (substr(f.s, i, 2)), (substr(f.s, i, 3))) AS v(gram)), '{}') FROM f $$;
--> statement-breakpoint
-- Grams that any text with this word in it has: the word itself up to three characters, else runs of three that cover it.
CREATE FUNCTION public.jobhive_word_grams(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  WITH f AS MATERIALIZED (SELECT public.jobhive_folded(word) AS s)
  SELECT CASE WHEN length(f.s) <= 3 THEN ARRAY[f.s] ELSE (SELECT array_agg(DISTINCT substr(f.s, least(i, length(f.s) - 2), 3))
    FROM generate_series(1, length(f.s), 3) AS i) END FROM f $$;
--> statement-breakpoint
ALTER TABLE "application_tracking" ADD COLUMN "fingerprint" text GENERATED ALWAYS AS (CASE WHEN status = 'failed' THEN error_info->>'fingerprint' END) STORED;--> statement-breakpoint
CREATE INDEX "application_tracking_fingerprint" ON "application_tracking" USING btree ("fingerprint","finished_at","job_id") WHERE status = 'failed';--> statement-breakpoint
CREATE INDEX "jobs_discovered_at" ON "jobs" USING brin ("discovered_at") WITH (autosummarize=true);--> statement-breakpoint
-- Counts are read from indexes alone where pages are known to be visible to all: vacuum keeps that up to date as rows come.
ALTER TABLE jobs SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
--> statement-breakpoint
ALTER TABLE application_tracking SET (autovacuum_analyze_scale_factor = 0.02);
