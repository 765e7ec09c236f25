-- What readers see of an archive, as views over its raw tables (raw_versions, raw_sightings, raw_captures, raw_runs,
-- raw_decisions), which hold everything that was ever written. `at` is a reserved word in DuckDB: write it "at".

-- Runs that may be read, and the ledger row that made each readable. A takedown hides a run for good.
CREATE OR REPLACE VIEW visible_runs AS
SELECT
  run_id,
  min(run_seq) FILTER (WHERE event IN ('published', 'accepted')) AS visible_seq,
  min("at") FILTER (WHERE event IN ('published', 'accepted')) AS published_at,
  bool_or(event = 'import') AS is_import
FROM raw_runs
GROUP BY run_id
HAVING bool_or(event IN ('published', 'accepted')) AND NOT bool_or(event = 'takedown');

-- Runs that say which documents are copies of one work.
CREATE OR REPLACE VIEW work_runs AS
SELECT run_id, run_seq FROM raw_runs WHERE event = 'clustered';

-- The ledger, an event a row.
CREATE OR REPLACE VIEW runs AS SELECT * FROM raw_runs ORDER BY run_seq;

-- Every stored exchange, and where it lies in the WARC files.
CREATE OR REPLACE VIEW captures AS SELECT * FROM raw_captures WHERE run_id IN (SELECT run_id FROM visible_runs);

-- When which content of a document was seen.
CREATE OR REPLACE VIEW sightings AS SELECT * FROM raw_sightings WHERE run_id IN (SELECT run_id FROM visible_runs);

CREATE OR REPLACE VIEW decisions AS SELECT * FROM raw_decisions WHERE run_id IN (SELECT run_id FROM visible_runs);

-- How much of each listing a run found here, a listing a row (docs/incremental.md).
CREATE OR REPLACE VIEW coverage AS
SELECT run_id, run_seq, site, finished_at AS "at", unnest(from_json(
  json_extract(options, '$.coverage'),
  '[{"listing": "VARCHAR", "advertised_total": "BIGINT", "entries": "BIGINT", "seen": "BIGINT", "captured": "BIGINT",
     "unlisted": "BIGINT", "missing": "BIGINT",
     "why": [{"reason": "VARCHAR", "documents": "BIGINT", "samples": ["VARCHAR"]}],
     "walk": "VARCHAR", "whole_at": "VARCHAR", "standing": "VARCHAR", "reason": "VARCHAR"}]'), max_depth := 2)
FROM raw_runs
WHERE event IN ('published', 'accepted') AND run_id IN (SELECT run_id FROM visible_runs);

-- The history of each document: sightings in the order of time, neighbours with the same content made one version.
-- Both ends of a sighting are instants at which the content was there; nothing is known of the time between. Of
-- several readings of one instant (a page read again by a better reader) the one published last counts.
-- Nearly all documents never changed: they take the short way.
CREATE OR REPLACE VIEW history_index AS
WITH seen AS MATERIALIZED (
  SELECT site, doc_id, content_digest, seen_from, seen_until, visible_seq
  FROM raw_sightings JOIN visible_runs USING (run_id)
),
contents AS MATERIALIZED (
  SELECT site, doc_id, content_digest, min(seen_from) AS first_seen, max(seen_until) AS last_seen
  FROM seen GROUP BY site, doc_id, content_digest
),
several AS MATERIALIZED (
  SELECT site, doc_id FROM contents GROUP BY site, doc_id HAVING count(*) > 1
),
ends AS (
  SELECT site, doc_id, content_digest, unnest([seen_from, seen_until]) AS seen_at, visible_seq
  FROM seen SEMI JOIN several USING (site, doc_id)
),
readings AS (
  SELECT site, doc_id, seen_at, content_digest
  FROM ends
  QUALIFY row_number() OVER (
    PARTITION BY site, doc_id, seen_at ORDER BY visible_seq DESC, content_digest DESC) = 1
),
beginnings AS (
  SELECT *, content_digest IS DISTINCT FROM lag(content_digest) OVER (
    PARTITION BY site, doc_id ORDER BY seen_at) AS begins
  FROM readings
),
numbered AS (
  SELECT *, sum(begins::INTEGER) OVER (PARTITION BY site, doc_id ORDER BY seen_at) AS version
  FROM beginnings
),
changed AS (
  SELECT site, doc_id, any_value(content_digest) AS content_digest, version::BIGINT AS version,
    min(seen_at) AS first_seen, max(seen_at) AS last_seen
  FROM numbered GROUP BY site, doc_id, version
)
SELECT site, doc_id, content_digest, 1::BIGINT AS version, first_seen, last_seen,
  first_seen AS document_first_seen, true AS is_newest
FROM contents ANTI JOIN several USING (site, doc_id)
UNION ALL
SELECT site, doc_id, content_digest, version, first_seen, last_seen,
  min(first_seen) OVER (PARTITION BY site, doc_id) AS document_first_seen,
  version = max(version) OVER (PARTITION BY site, doc_id) AS is_newest
FROM changed;

-- Which row of raw_versions holds the record of each version. Equal rows may exist (a run accepted late, a content that
-- came back, a page read again): the one read first within the version's own time counts, of those the one published
-- first. What a reader made is never a document's first version.
CREATE OR REPLACE VIEW version_index AS
WITH candidates AS (
  SELECT site, doc_id, content_digest, fetched_at, visible_seq, row_file, file_row_number, is_import,
    previous_reread_digest = content_digest AS by_reader
  FROM raw_versions JOIN visible_runs USING (run_id)
)
SELECT site, doc_id, version,
  CASE WHEN is_import THEN 'import' WHEN by_reader AND version > 1 THEN 'reader' ELSE 'site' END AS cause,
  first_seen, last_seen, document_first_seen, is_newest, row_file, file_row_number
FROM history_index JOIN candidates USING (site, doc_id, content_digest)
QUALIFY row_number() OVER (
  PARTITION BY site, doc_id, version
  ORDER BY (fetched_at >= first_seen AND fetched_at <= last_seen) DESC, fetched_at, visible_seq,
    row_file, file_row_number) = 1;

-- Documents that are withdrawn now, and since when. One that was seen after it was found gone is there, whatever a run
-- says that was accepted late.
CREATE OR REPLACE VIEW withdrawals AS
WITH turns AS (
  SELECT site, doc_id, kind, "at", visible_seq,
    max("at") FILTER (WHERE kind = 'returned') OVER (PARTITION BY site, doc_id) AS returned_at
  FROM raw_decisions JOIN visible_runs USING (run_id)
  WHERE kind IN ('withdrawn', 'returned')
),
gone AS (
  SELECT site, doc_id, "at"
  FROM turns
  WHERE kind = 'withdrawn' AND (returned_at IS NULL OR "at" > returned_at)
),
seen AS (
  SELECT site, doc_id, max(seen_until) AS last_seen
  FROM raw_sightings SEMI JOIN gone USING (site, doc_id) JOIN visible_runs USING (run_id)
  GROUP BY site, doc_id
)
SELECT site, doc_id, min("at") AS withdrawn_at
FROM gone LEFT JOIN seen USING (site, doc_id)
WHERE last_seen IS NULL OR "at" > last_seen
GROUP BY site, doc_id;

-- The document seen first with each preview text that several documents have now.
CREATE OR REPLACE VIEW original_texts AS
SELECT text_digest, arg_min(site || '/' || doc_id, (document_first_seen, site, doc_id)) AS original
FROM version_index JOIN raw_versions USING (row_file, file_row_number, site, doc_id)
WHERE is_newest AND text_digest IS NOT NULL
GROUP BY text_digest
HAVING count(*) > 1;

-- The work of each document that has, or had, copies; every other document is a work of its own.
CREATE OR REPLACE VIEW works AS
SELECT site, doc_id, arg_max(work_id, run_seq) AS work_id
FROM raw_works JOIN work_runs USING (run_id)
WHERE kind <> 'pair'
GROUP BY site, doc_id;

-- Words that sites put in the place of others, as learned from copies; more stand in the program.
CREATE OR REPLACE VIEW word_pairs AS
SELECT previous_work_id AS original, work_id AS replacement, evidence, "at" AS learned_at, run_seq
FROM raw_works JOIN work_runs USING (run_id)
WHERE kind = 'pair';

-- Which texts a site put words of its own into. Derived with the index of copies, which may be deleted at any time: only
-- our own program knows it.
CREATE OR REPLACE VIEW mangled AS
SELECT NULL::VARCHAR AS site, NULL::VARCHAR AS doc_id, NULL::BIGINT AS content, NULL::VARCHAR AS mangled_by,
  NULL::DOUBLE AS mangled_score, NULL::BOOLEAN AS is_garbage
WHERE false;

-- The record of every version, with where its row lies.
CREATE OR REPLACE VIEW located_versions AS
SELECT
  r.* EXCLUDE (row_file, file_row_number, previous_reread_digest),
  i.version, i.cause, i.first_seen, i.last_seen, i.document_first_seen, i.is_newest, i.row_file, i.file_row_number
FROM version_index i
JOIN raw_versions r
  ON r.row_file = i.row_file AND r.file_row_number = i.file_row_number AND r.site = i.site AND r.doc_id = i.doc_id;

-- Every version of every document; first_seen and last_seen are the version's own.
CREATE OR REPLACE VIEW versions AS
SELECT
  l.* EXCLUDE (document_first_seen, is_newest, row_file, file_row_number),
  w.withdrawn_at,
  coalesce(k.work_id, l.site || '/' || l.doc_id) AS work_id,
  nullif(o.original, l.site || '/' || l.doc_id) AS exact_copy_of,
  m.mangled_by, m.mangled_score, m.is_garbage
FROM located_versions l
LEFT JOIN withdrawals w ON w.site = l.site AND w.doc_id = l.doc_id
LEFT JOIN original_texts o ON o.text_digest = l.text_digest
LEFT JOIN works k ON k.site = l.site AND k.doc_id = l.doc_id
LEFT JOIN mangled m ON m.site = l.site AND m.doc_id = l.doc_id
  AND m.content = ('0x' || substr(l.content_digest, 8, 15))::BIGINT;

-- The newest version of each document; first_seen and last_seen are the document's.
CREATE OR REPLACE VIEW documents AS
SELECT
  l.* EXCLUDE (document_first_seen, is_newest, row_file, file_row_number) REPLACE (l.document_first_seen AS first_seen),
  w.withdrawn_at,
  coalesce(k.work_id, l.site || '/' || l.doc_id) AS work_id,
  nullif(o.original, l.site || '/' || l.doc_id) AS exact_copy_of,
  m.mangled_by, m.mangled_score, m.is_garbage
FROM located_versions l
LEFT JOIN withdrawals w ON w.site = l.site AND w.doc_id = l.doc_id
LEFT JOIN original_texts o ON o.text_digest = l.text_digest
LEFT JOIN works k ON k.site = l.site AND k.doc_id = l.doc_id
LEFT JOIN mangled m ON m.site = l.site AND m.doc_id = l.doc_id
  AND m.content = ('0x' || substr(l.content_digest, 8, 15))::BIGINT
WHERE l.is_newest;
