-- Title and company of each job, case folded, in a table of their own that triggers keep: also for rows that an older program
-- or a hand writes. (The indexes dropped here stood in drafts of 0003 only.)
DROP INDEX IF EXISTS "jobs_words";--> statement-breakpoint
DROP INDEX IF EXISTS "application_tracking_discovered";--> statement-breakpoint
DROP INDEX IF EXISTS "application_tracking_cancelled";--> statement-breakpoint
CREATE TABLE "job_words" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"discovery_seq" bigint NOT NULL,
	"words" text NOT NULL
);
--> statement-breakpoint
CREATE FUNCTION public.jobhive_words_of_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.job_words (job_id, discovery_seq, words)
    SELECT id, discovery_seq, public.jobhive_folded(title || ' ' || company) FROM fresh
    ON CONFLICT (job_id) DO UPDATE SET discovery_seq = excluded.discovery_seq, words = excluded.words;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION public.jobhive_words_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.job_words (job_id, discovery_seq, words)
    VALUES (NEW.id, NEW.discovery_seq, public.jobhive_folded(NEW.title || ' ' || NEW.company))
    ON CONFLICT (job_id) DO UPDATE SET discovery_seq = excluded.discovery_seq, words = excluded.words;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER jobs_words_of_new AFTER INSERT ON jobs REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION public.jobhive_words_of_new();
--> statement-breakpoint
CREATE TRIGGER jobs_words_of_changed AFTER UPDATE OF title, company ON jobs FOR EACH ROW
  WHEN ((OLD.title, OLD.company) IS DISTINCT FROM (NEW.title, NEW.company)) EXECUTE FUNCTION public.jobhive_words_of_changed();
--> statement-breakpoint
INSERT INTO job_words (job_id, discovery_seq, words) SELECT id, discovery_seq, public.jobhive_folded(title || ' ' || company) FROM jobs;
--> statement-breakpoint
SET LOCAL maintenance_work_mem = '256MB';--> statement-breakpoint
CREATE INDEX "job_words_grams" ON "job_words" USING gin (jobhive_grams(words));--> statement-breakpoint
CREATE INDEX "application_tracking_discovered" ON "application_tracking" USING btree ("attempt") WHERE status = 'discovered';--> statement-breakpoint
CREATE INDEX "application_tracking_cancelled" ON "application_tracking" USING btree ("finished_at") WHERE status = 'cancelled';
