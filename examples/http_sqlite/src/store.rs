//! The table of notes. Every query has a scope inside its request's, and is neutral: what it finds goes into the request's
//! arena, or into a text that the request made.

use std::path::Path;
use std::time::Duration;

use memscope::Scope;
use memscope::arena::Arena;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::scoped::stop_for;

/// What a client sends.
#[derive(Debug, Deserialize)]
pub struct NewNote {
    pub author: String,
    pub text: String,
}

/// What is in the table; its texts are in an arena.
#[derive(Debug, Serialize)]
pub struct Note<'arena> {
    pub id: i64,
    pub author: &'arena str,
    pub text: &'arena str,
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -512;
    CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, author TEXT NOT NULL, text TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS notes_by_author ON notes (author);
";

const ONE: &str = "SELECT id, author, text FROM notes WHERE id = ?1";
const OF_AUTHOR: &str = "SELECT id, author, text FROM notes WHERE author = ?1 ORDER BY id LIMIT ?2";
const INSERT: &str = "INSERT INTO notes (author, text) VALUES (?1, ?2)";
const DELETE: &str = "DELETE FROM notes WHERE id = ?1";

/// A connection with its statements prepared.
pub fn open(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.execute_batch(SCHEMA)?;
    for statement in [ONE, OF_AUTHOR, INSERT, DELETE] {
        drop(connection.prepare_cached(statement)?);
    }
    Ok(connection)
}

/// A query failed, and standard error says why.
#[derive(Clone, Copy, Debug)]
pub struct Failed;

/// Runs a query in a scope of its own. If it keeps something, the service stops.
fn query<T>(work: impl FnOnce() -> rusqlite::Result<T>) -> Result<T, Failed> {
    let scope = Scope::new("query");
    // The error's text is the query's too.
    let answer = scope.run(|| {
        work().map_err(|error| {
            eprintln!("query failed: {error}");
            Failed
        })
    });
    if let Err(leak) = scope.end() {
        stop_for(&leak);
    }
    answer
}

/// The cache of statements lives as long as its connection.
fn prepared<'connection>(
    connection: &'connection Connection,
    sql: &str,
) -> rusqlite::Result<CachedStatement<'connection>> {
    memscope::outside(|| connection.prepare_cached(sql))
}

/// Gives a statement back to the cache.
fn give_back(statement: CachedStatement<'_>) {
    memscope::outside(|| drop(statement));
}

fn note<'arena>(arena: &'arena Arena, row: &rusqlite::Row<'_>) -> rusqlite::Result<Note<'arena>> {
    Ok(Note {
        id: row.get(0)?,
        author: arena.alloc_str(row.get_ref(1)?.as_str()?),
        text: arena.alloc_str(row.get_ref(2)?.as_str()?),
    })
}

/// Writes a note as JSON to the end of `json`; false if there is none.
pub fn read(
    connection: &Connection,
    arena: &Arena,
    id: i64,
    json: &mut Vec<u8>,
) -> Result<bool, Failed> {
    query(|| {
        let mut statement = prepared(connection, ONE)?;
        let found = statement.query_row([id], |row| note(arena, row)).optional();
        give_back(statement);
        let found = found?;
        if let Some(note) = &found {
            write(json, note);
        }
        Ok(found.is_some())
    })
}

/// Writes the first notes of an author as a JSON array to the end of `json`.
pub fn list(
    connection: &Connection,
    arena: &Arena,
    author: &str,
    limit: u32,
    json: &mut Vec<u8>,
) -> Result<(), Failed> {
    query(|| {
        let mut statement = prepared(connection, OF_AUTHOR)?;
        let done = statement
            .query(params![author, limit])
            .and_then(|mut rows| {
                json.push(b'[');
                while let Some(row) = rows.next()? {
                    if json.len() > 1 {
                        json.push(b',');
                    }
                    write(json, &note(arena, row)?);
                }
                json.push(b']');
                Ok(())
            });
        give_back(statement);
        done
    })
}

/// Adds a note, and says its number.
pub fn insert(connection: &Connection, new: &NewNote) -> Result<i64, Failed> {
    query(|| {
        let mut statement = prepared(connection, INSERT)?;
        let id = statement.insert(params![new.author, new.text]);
        give_back(statement);
        id
    })
}

/// Takes a note away; false if there is none.
pub fn delete(connection: &Connection, id: i64) -> Result<bool, Failed> {
    query(|| {
        let mut statement = prepared(connection, DELETE)?;
        let rows = statement.execute([id]);
        give_back(statement);
        rows.map(|rows| rows == 1)
    })
}

/// A text of the request grows here, and stays the request's.
fn write(json: &mut Vec<u8>, note: &Note<'_>) {
    // Writing numbers and texts to memory does not fail.
    let _ = serde_json::to_writer(json, note);
}
