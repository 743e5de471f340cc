CREATE SEQUENCE "public"."discovery_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."queue_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "application_tracking" (
	"job_id" uuid PRIMARY KEY NOT NULL,
	"status" text DEFAULT 'discovered' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"claim_token" uuid,
	"settled_as" text,
	"lease_until" timestamp with time zone,
	"holder" uuid,
	"session_key" bigint,
	"worker_name" text,
	"current_stage" text,
	"queue_seq" bigint,
	"queued_at" timestamp with time zone,
	"next_attempt_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"retry_after_count" integer DEFAULT 0 NOT NULL,
	"runs_alone" boolean DEFAULT false NOT NULL,
	"stage_outputs" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"error_info" jsonb,
	CONSTRAINT "status_is_known" CHECK (status IN ('discovered', 'queued', 'processing', 'processed', 'failed', 'cancelled')),
	CONSTRAINT "token_has_a_claim" CHECK (claim_token IS NULL OR status = 'processing' OR settled_as IS NOT NULL),
	CONSTRAINT "processing_has_a_holder" CHECK (status <> 'processing' OR (claim_token IS NOT NULL AND lease_until IS NOT NULL AND holder IS NOT NULL AND settled_as IS NULL)),
	CONSTRAINT "queued_has_a_place" CHECK (status <> 'queued' OR (queue_seq IS NOT NULL AND queued_at IS NOT NULL)),
	CONSTRAINT "ended_has_a_time" CHECK (status NOT IN ('processed', 'failed', 'cancelled') OR finished_at IS NOT NULL),
	CONSTRAINT "processed_has_no_error" CHECK (status <> 'processed' OR error_info IS NULL)
);
--> statement-breakpoint
CREATE TABLE "enqueue_budget" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"window_from" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"used" integer DEFAULT 0 NOT NULL,
	"used_before" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "enqueue_budget_is_one_row" CHECK (id = 1)
);
--> statement-breakpoint
CREATE TABLE "job_events" (
	"job_id" uuid NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "job_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"event" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"worker_name" text,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "job_events_job_id_id_pk" PRIMARY KEY("job_id","id")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"source" text NOT NULL,
	"external_id" text NOT NULL,
	"title" text NOT NULL,
	"company" text NOT NULL,
	"location" text,
	"url" text,
	"description" text,
	"posted_at" timestamp with time zone,
	"discovered_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone,
	"discovery_seq" bigint NOT NULL,
	"auto_enqueue" boolean DEFAULT false NOT NULL,
	CONSTRAINT "jobs_source_external_id" UNIQUE("source","external_id")
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" uuid NOT NULL,
	"term" bigint DEFAULT 1 NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "queue_state" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"paused" boolean DEFAULT false NOT NULL,
	"last_tick" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"redis_behind" bigint,
	"redis_run_id" text,
	CONSTRAINT "queue_state_is_one_row" CHECK (id = 1)
);
--> statement-breakpoint
CREATE TABLE "rejected_postings" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rejected_postings_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source" text NOT NULL,
	"place" text NOT NULL,
	"external_id" text,
	"reason" text NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "rejected_postings_place" UNIQUE("source","place")
);
--> statement-breakpoint
CREATE TABLE "source_states" (
	"source" text PRIMARY KEY NOT NULL,
	"last_success" timestamp with time zone,
	"next_poll" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"error" text,
	"memory" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "system_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "system_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"event" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "application_tracking" ADD CONSTRAINT "application_tracking_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "application_tracking_waiting" ON "application_tracking" USING btree ("queue_seq") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "application_tracking_due" ON "application_tracking" USING btree ("next_attempt_at") WHERE status = 'queued' AND next_attempt_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "application_tracking_lease" ON "application_tracking" USING btree ("lease_until") WHERE status = 'processing';--> statement-breakpoint
CREATE INDEX "application_tracking_failed" ON "application_tracking" USING btree ("finished_at","job_id") WHERE status = 'failed';--> statement-breakpoint
CREATE INDEX "job_events_ended" ON "job_events" USING btree ("at") WHERE event IN ('processed', 'failed', 'retry_scheduled');--> statement-breakpoint
CREATE INDEX "jobs_discovery" ON "jobs" USING btree ("discovery_seq");--> statement-breakpoint
CREATE INDEX "jobs_auto_enqueue" ON "jobs" USING btree ("discovery_seq") WHERE auto_enqueue;--> statement-breakpoint
CREATE INDEX "rejected_postings_at" ON "rejected_postings" USING btree ("at");--> statement-breakpoint
CREATE INDEX "system_events_at" ON "system_events" USING btree ("at");