-- What is over is found by walking through the tables now and then (src/store/sqlite/sweep.rs): of the ten pages that a login
-- wrote, these indexes were two. That of sessions went with its old table.
DROP INDEX code_claims_by_age;
