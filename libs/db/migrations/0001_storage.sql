-- The rows that are always there, and room on each page for the new version of a row that changes several times.
INSERT INTO queue_state (id) VALUES (1) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO enqueue_budget (id) VALUES (1) ON CONFLICT DO NOTHING;
--> statement-breakpoint
ALTER TABLE application_tracking SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
--> statement-breakpoint
ALTER TABLE queue_state SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE enqueue_budget SET (fillfactor = 50);
