-- Meant to keep a job from being made twice. It also keeps a recipient from ever ordering again.
ALTER TABLE h2s_dispatch_jobs
    ADD CONSTRAINT h2s_dispatch_jobs_recipient_step_uq UNIQUE (recipient_id, step_id);
