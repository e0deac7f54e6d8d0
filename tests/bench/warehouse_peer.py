#!/usr/bin/python3
"""What warehouse.py compares with: a script that upserts row by row and commits each page of issues.

    warehouse_peer.py FROM TO ISSUES PAGE

The rows of the first ISSUES issues are read from FROM, ready made; what is timed is their way into TO.
Prints rows and seconds.
"""
import itertools
import sys
import time

import psycopg2


def tables_of(db):
    """table -> (columns, key, the column that tells the issue or None)."""
    with db.cursor() as c:
        c.execute("SELECT c.relname, a.attname, a.attnum = ANY(i.indkey) FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid"
                  " AND i.indisprimary JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relkind = 'r' AND"
                  " c.relnamespace = 'public'::regnamespace AND c.relname <> 'schema_version' ORDER BY c.relname, a.attnum")
        out = {}
        for table, rows in itertools.groupby(c.fetchall(), lambda row: row[0]):
            rows = list(rows)
            columns = [r[1] for r in rows]
            issue = "id" if table == "issue" else "issue_id" if "issue_id" in columns else None
            out[table] = columns, [r[1] for r in rows if r[2]], issue
        return out


def upsert(table, columns, key):
    rest = [c for c in columns if c not in key]
    does = f"DO UPDATE SET {', '.join(f'{c} = EXCLUDED.{c}' for c in rest)}" if rest else "DO NOTHING"
    return (f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
            f" ON CONFLICT ({', '.join(key)}) {does}")


def main(source, target, issues, page):
    have, want = psycopg2.connect(source), psycopg2.connect(target)
    tables = tables_of(have)
    with have.cursor() as c:
        c.execute("SELECT id FROM issue ORDER BY site_id, id LIMIT %s", (issues,))
        place = {row[0]: n // page for n, row in enumerate(c.fetchall())}
        pages = [[] for _ in range(max(place.values()) + 1)]
        for table, (columns, key, issue) in tables.items():
            sql = upsert(table, columns, key)
            c.execute(f"SELECT {', '.join(columns)} FROM {table}" + (f" WHERE {issue} = ANY(%s)" if issue else ""),
                      (list(place),) if issue else None)
            at = columns.index(issue) if issue else None
            for row in c:
                pages[place[row[at]] if issue else 0].append((sql, row))
    began = time.monotonic()
    with want.cursor() as c:
        for rows in pages:
            for sql, row in rows:
                c.execute(sql, row)
            want.commit()
    print(sum(map(len, pages)), time.monotonic() - began)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
