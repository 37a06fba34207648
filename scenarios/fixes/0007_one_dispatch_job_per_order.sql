-- A job belongs to an order: one job for each order, and as many orders for a recipient as there may be.
ALTER TABLE h2s_dispatch_jobs DROP CONSTRAINT IF EXISTS h2s_dispatch_jobs_recipient_step_uq;
CREATE UNIQUE INDEX IF NOT EXISTS h2s_dispatch_jobs_order_id_uq ON h2s_dispatch_jobs(order_id);
