CREATE TABLE "history_minutes" (
	"minute" timestamp with time zone PRIMARY KEY NOT NULL,
	"depth" integer,
	"delayed" integer,
	"processing" integer,
	"processed" integer NOT NULL,
	"failed" integer NOT NULL,
	"retried" integer NOT NULL,
	"p50_ms" double precision,
	"p95_ms" double precision,
	"p99_ms" double precision
);
--> statement-breakpoint
ALTER TABLE "application_tracking" ADD COLUMN "cancel_requested_by" text;