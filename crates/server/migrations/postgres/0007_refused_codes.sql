-- Codes that the platform refused are forgotten soon; only these cost the index anything.
CREATE INDEX refused_codes ON code_outcomes (answered_at) WHERE error_code = 'code_invalid';
