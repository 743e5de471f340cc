CREATE TABLE "notices" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notices_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"job_id" uuid,
	"fingerprint" text,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"gathered_into" bigint,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"ended_at" timestamp with time zone,
	"ended_as" text,
	CONSTRAINT "notice_kind_is_known" CHECK (kind IN ('dead_letter', 'stuck', 'burst')),
	CONSTRAINT "notice_ends_as_something" CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
	CONSTRAINT "notice_end_is_known" CHECK (ended_as IS NULL OR ended_as IN ('delivered', 'logged', 'given_up'))
);
--> statement-breakpoint
CREATE INDEX "notices_due" ON "notices" USING btree ("next_attempt_at","seq") WHERE ended_at IS NULL AND gathered_into IS NULL;--> statement-breakpoint
CREATE INDEX "notices_of_job" ON "notices" USING btree ("job_id","seq") WHERE ended_at IS NULL;--> statement-breakpoint
CREATE INDEX "notices_gathered" ON "notices" USING btree ("gathered_into") WHERE ended_at IS NULL AND gathered_into IS NOT NULL;