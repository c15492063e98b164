//! The built program as a process: what lies on its disks, what survives a kill, how large batches go in, its sockets.

mod at_rest;
mod attachments;
mod batch;
mod copies;
mod custody;
mod document_signers;
mod doors;
mod drain;
mod feeding;
mod forms;
mod hostile;
mod kill;
mod large_feed;
mod office;
mod operator;
mod orders;
mod retries;
mod revocation;
mod synced;
mod tls;
mod wire;
mod witness;

#[allow(dead_code)] // Other targets use the rest.
#[path = "../support/gateway.rs"]
mod gateway;
#[allow(dead_code)]
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/registers.rs"]
mod registers;
