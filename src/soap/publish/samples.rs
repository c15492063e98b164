//! Sample messages of `wsdl/przyklady/`: what stands in Body, and the envelope around it for people to read.

use crate::contract::SAMPLES;

/// The sample with this root; `None` when there is none.
#[must_use]
pub fn sample(root: &str) -> Option<&'static str> {
    SAMPLES.iter().find(|(name, _)| *name == root).map(|(_, text)| *text)
}

/// The whole SOAP 1.1 envelope without its signature; `remark` says in a comment what is signed.
#[must_use]
pub fn envelope(remark: &str, body: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\n  <soap:Header>\n    <!-- {remark} -->\n  \
         </soap:Header>\n  <soap:Body>\n{}  </soap:Body>\n</soap:Envelope>\n",
        indented(body, 4)
    )
}

/// What a fault carries, inside the fault.
#[must_use]
pub fn fault(faultcode: &str, faultstring: &str, detail: &str) -> String {
    format!(
        "<soap:Fault>\n  <faultcode>{faultcode}</faultcode>\n  <faultstring xml:lang=\"pl\">{faultstring}</faultstring>\n  \
         <detail>\n{}  </detail>\n</soap:Fault>\n",
        indented(detail, 4)
    )
}

fn indented(text: &str, spaces: usize) -> String {
    text.lines().map(|line| format!("{:spaces$}{line}\n", "")).collect()
}
