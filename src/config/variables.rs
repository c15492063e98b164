//! `BRAMA_<SECTION>_<KEY>`: which setting a variable of the process means, and what its text is as a value.

use toml::{Table, Value};

/// `BRAMA_LISTEN_PUBLIC_URL` → (`listen`, `public_url`); `None` for variables that name no section of ours.
pub(super) fn setting_named(known: &Table, variable: &str) -> Option<(String, String)> {
    let (section, key) = variable.strip_prefix("BRAMA_")?.split_once('_')?;
    let section = section.to_ascii_lowercase();
    known.contains_key(&section).then(|| (section, key.to_ascii_lowercase()))
}

pub(super) fn value_like(default: Option<&Value>, text: &str) -> Result<Value, String> {
    Ok(match default {
        Some(Value::Integer(_)) => Value::Integer(text.trim().parse().map_err(|_| "a whole number is needed")?),
        Some(Value::Boolean(_)) => Value::Boolean(text.trim().parse().map_err(|_| "true or false is needed")?),
        Some(Value::Array(_)) => {
            Value::Array(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect())
        }
        _ => Value::String(text.into()),
    })
}
