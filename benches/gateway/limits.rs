//! What the machine allows: libxml2 alone, OpenSSL alone, the disk alone.
#![allow(unsafe_code)] // libxml2 as a program in C would call it

use std::ffi::CString;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::ptr;
use std::time::{Duration, Instant};

use libxml::bindings as lib;

use crate::openssl;
use crate::process;
use crate::world::{RSA_SYSTEM, World};

/// CPU time of one operation, but for `sync`, which is time spent waiting.
pub struct Limits {
    /// Parsing an unsigned question and validating its request.
    pub xml: Duration,
    /// The same of a signed one.
    pub signed_xml: Duration,
    pub rsa_verify: Duration,
    pub rsa_sign: Duration,
    pub ecdsa_sign: Duration,
    /// The median time to make 4 KiB at the end of a file durable.
    pub sync: Duration,
}

impl Limits {
    pub fn measure(schema: &Schema, world: &World) -> Self {
        let [(rsa_sign, rsa_verify), (ecdsa_sign, _)] = ["rsa2048", "ecdsap256"].map(openssl::speed);
        Self {
            xml: schema.time(&world.unsigned(0..1)[0]),
            signed_xml: schema.time(&world.signed(RSA_SYSTEM, 0..2)[0]),
            rsa_verify,
            rsa_sign,
            ecdsa_sign,
            sync: sync(&world.folder.join("data/sync")),
        }
    }
}

/// The schema of questions, as libxml2 reads it from the repository.
pub struct Schema(lib::xmlSchemaPtr);

impl Schema {
    pub fn compile() -> Self {
        let path = CString::new(concat!(env!("CARGO_MANIFEST_DIR"), "/xsd/udostepnianie.xsd")).expect("a path");
        // SAFETY: as the manual has it; the schema lives until the process ends.
        unsafe {
            let context = lib::xmlSchemaNewParserCtxt(path.as_ptr());
            let schema = lib::xmlSchemaParse(context);
            lib::xmlSchemaFreeParserCtxt(context);
            assert!(!schema.is_null(), "the schema compiles");
            Self(schema)
        }
    }

    fn time(&self, message: &[u8]) -> Duration {
        const ROUNDS: u32 = 20_000;
        (0..ROUNDS / 10).for_each(|_| self.check(message));
        let before = process::own_cpu();
        (0..ROUNDS).for_each(|_| self.check(message));
        process::own_cpu().saturating_sub(before) / ROUNDS
    }

    /// Parses a message and validates the child of its Body.
    fn check(&self, message: &[u8]) {
        let size = i32::try_from(message.len()).expect("a small message");
        let options = i32::try_from(lib::xmlParserOption_XML_PARSE_NONET).expect("a flag");
        // SAFETY: every pointer is used before what it points into is freed.
        unsafe {
            let document = lib::xmlReadMemory(message.as_ptr().cast(), size, ptr::null(), c"UTF-8".as_ptr(), options);
            let body = lib::xmlLastElementChild(lib::xmlDocGetRootElement(document));
            let context = lib::xmlSchemaNewValidCtxt(self.0);
            let verdict = lib::xmlSchemaValidateOneElement(context, lib::xmlFirstElementChild(body));
            lib::xmlSchemaFreeValidCtxt(context);
            lib::xmlFreeDoc(document);
            assert_eq!(verdict, 0, "the request is valid");
        }
    }
}

fn sync(path: &Path) -> Duration {
    let mut file = File::create(path).expect("a file beside the databases");
    let mut times: Vec<Duration> = (0..300)
        .map(|_| {
            file.write_all(&[0x5A; 4096]).expect("room on the disk");
            let begun = Instant::now();
            file.sync_data().expect("a disk");
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
