//! The crate `tokenizers` behind a C ABI (declared in shim.h).
//!
//! Every door catches panics and hands errors back as text; nothing that comes from outside is unwrapped.
//! Memory given out is freed by the door named for it.

mod constraint;

use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::Once;
use std::{ptr, slice, str};

use serde_json::Value;
use tokenizers::tokenizer::AddedToken;
use tokenizers::Tokenizer;

/// Bytes owned by this side until `millm_tokenizer_free_text`.
#[repr(C)]
pub struct Text {
    data: *mut u8,
    size: usize,
}

/// Ids owned by this side until `millm_tokenizer_free_ids`.
#[repr(C)]
pub struct Ids {
    data: *mut u32,
    size: usize,
}

impl Text {
    fn from_string(text: String) -> Text {
        let bytes = text.into_bytes().into_boxed_slice();
        let size = bytes.len();
        Text { data: Box::into_raw(bytes) as *mut u8, size }
    }
}

type Outcome<T> = Result<T, String>;

/// Runs `work`; on an error or a panic fills `error` and returns false.
fn door<T>(error: *mut Text, out: *mut T, work: impl FnOnce() -> Outcome<T>) -> bool {
    let outcome = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome,
        Err(panic) => Err(panic
            .downcast_ref::<&str>()
            .map(|text| text.to_string())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "panic without a message".into())),
    };
    match outcome {
        Ok(value) => {
            if !out.is_null() {
                unsafe { ptr::write(out, value) };
            }
            true
        }
        Err(message) => {
            if !error.is_null() {
                unsafe { ptr::write(error, Text::from_string(message)) };
            }
            false
        }
    }
}

unsafe fn bytes<'a>(data: *const u8, size: usize) -> &'a [u8] {
    if data.is_null() || size == 0 {
        &[]
    } else {
        slice::from_raw_parts(data, size)
    }
}

unsafe fn text<'a>(data: *const u8, size: usize) -> Outcome<&'a str> {
    str::from_utf8(bytes(data, size)).map_err(|error| format!("the text is not UTF-8: {error}"))
}

unsafe fn handle<'a>(tokenizer: *const Tokenizer) -> Outcome<&'a Tokenizer> {
    tokenizer.as_ref().ok_or_else(|| "no tokenizer".to_string())
}

/// What a file's regular expressions may use up, of the stack and of time: those of real tokenizers nest a dozen deep.
fn set_limits() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        unsafe {
            onig_sys::onig_set_parse_depth_limit(250);
            onig_sys::onig_set_retry_limit_in_match(20_000_000);
            onig_sys::onig_set_retry_limit_in_search(20_000_000);
        }
        // Panics become errors in `door`; nothing of them is written past the program's log.
        set_hook(Box::new(|_| {}));
    });
}

/// The first four bytes that a text in base64 stands for, as a little-endian number.
fn first_number(base64: &str) -> Option<u64> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0u64;
    for digit in base64.as_bytes().get(..6)? {
        bits = bits << 6 | DIGITS.iter().position(|known| known == digit)? as u64;
    }
    Some(u64::from(((bits >> 4) as u32).swap_bytes()))
}

/// SentencePiece's table of characters begins with its length in bytes, for which the library takes memory before it looks how
/// much there is.
fn check_normalizer(value: &Value) -> Outcome<()> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check_normalizer),
        Value::Object(fields) => {
            if let Some(Value::String(table)) = fields.get("precompiled_charsmap") {
                if first_number(table).is_some_and(|bytes| bytes > table.len() as u64) {
                    return Err("precompiled_charsmap says that it is longer than it is".into());
                }
            }
            fields.values().try_for_each(check_normalizer)
        }
        _ => Ok(()),
    }
}

/// The one part of the file that is looked at before the library reads it.
#[derive(serde::Deserialize)]
struct Normalizer {
    #[serde(default)]
    normalizer: Value,
}

/// Reads the text of a tokenizer.json. Truncation and padding, which some files carry, are switched off.
///
/// # Safety
/// `json` points to `size` bytes; `out` and `error` may be written once.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_open(json: *const u8, size: usize, out: *mut *mut Tokenizer, error: *mut Text) -> bool {
    set_limits();
    door(error, out, || {
        let head: Normalizer = serde_json::from_slice(bytes(json, size)).map_err(|error| error.to_string())?;
        check_normalizer(&head.normalizer)?;
        let mut tokenizer = Tokenizer::from_bytes(bytes(json, size)).map_err(|error| error.to_string())?;
        tokenizer.with_truncation(None).map_err(|error| error.to_string())?;
        tokenizer.with_padding(None);
        Ok(Box::into_raw(Box::new(tokenizer)))
    })
}

/// # Safety
/// `tokenizer` came from `millm_tokenizer_open` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_close(tokenizer: *mut Tokenizer) {
    if !tokenizer.is_null() {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(Box::from_raw(tokenizer))));
    }
}

/// Adds tokens: a JSON list of the objects that tokenizer.json has under "added_tokens" (without ids).
///
/// # Safety
/// As above; nobody else uses the tokenizer meanwhile.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_add(tokenizer: *mut Tokenizer, json: *const u8, size: usize, error: *mut Text) -> bool {
    door(error, ptr::null_mut::<()>(), || {
        let tokenizer = tokenizer.as_mut().ok_or_else(|| "no tokenizer".to_string())?;
        let tokens: Vec<AddedToken> = serde_json::from_slice(bytes(json, size)).map_err(|error| error.to_string())?;
        // One by one: ids are given out in the order of the list.
        for token in tokens {
            let added = if token.special {
                tokenizer.add_special_tokens(vec![token])
            } else {
                tokenizer.add_tokens(vec![token])
            };
            added.map_err(|error| error.to_string())?;
        }
        Ok(())
    })
}

/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_encode(
    tokenizer: *const Tokenizer,
    data: *const u8,
    size: usize,
    special: bool,
    out: *mut Ids,
    error: *mut Text,
) -> bool {
    door(error, out, || {
        let encoding = handle(tokenizer)?.encode_fast(text(data, size)?, special).map_err(|error| error.to_string())?;
        let ids = encoding.get_ids().to_vec().into_boxed_slice();
        let size = ids.len();
        Ok(Ids { data: Box::into_raw(ids) as *mut u32, size })
    })
}

/// Ids that stand for nothing are left out, as the library does.
///
/// # Safety
/// As above; `ids` points to `size` ids.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_decode(
    tokenizer: *const Tokenizer,
    ids: *const u32,
    size: usize,
    skip_special: bool,
    out: *mut Text,
    error: *mut Text,
) -> bool {
    door(error, out, || {
        let ids = if ids.is_null() || size == 0 { &[][..] } else { slice::from_raw_parts(ids, size) };
        handle(tokenizer)?.decode(ids, skip_special).map(Text::from_string).map_err(|error| error.to_string())
    })
}

/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_vocab_size(tokenizer: *const Tokenizer) -> usize {
    let mut size = 0;
    door(ptr::null_mut(), &mut size, || Ok(handle(tokenizer)?.get_vocab_size(true)));
    size
}

/// The spelling of an id; false without `error` filled where there is none.
///
/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_token(tokenizer: *const Tokenizer, id: u32, out: *mut Text) -> bool {
    door(ptr::null_mut(), out, || {
        handle(tokenizer)?.id_to_token(id).map(Text::from_string).ok_or_else(String::new)
    })
}

/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_id(tokenizer: *const Tokenizer, data: *const u8, size: usize) -> i64 {
    let mut id = -1;
    door(ptr::null_mut(), &mut id, || {
        Ok(handle(tokenizer)?.token_to_id(text(data, size)?).map_or(-1, i64::from))
    });
    id
}

/// A JSON object {"decoder": …, "added": [{"id": …, "content": …, "special": …}…]} that says how ids become text.
///
/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_describe(tokenizer: *const Tokenizer, out: *mut Text, error: *mut Text) -> bool {
    door(error, out, || {
        let tokenizer = handle(tokenizer)?;
        let decoder = serde_json::to_value(tokenizer.get_decoder()).map_err(|error| error.to_string())?;
        let added: Vec<_> = tokenizer
            .get_added_tokens_decoder()
            .iter()
            .map(|(id, token)| serde_json::json!({"id": id, "content": token.content, "special": token.special}))
            .collect();
        Ok(Text::from_string(serde_json::json!({"decoder": decoder, "added": added}).to_string()))
    })
}

/// # Safety
/// `text` was filled by one of the doors and is not used again.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_free_text(text: Text) {
    if !text.data.is_null() {
        drop(Box::from_raw(ptr::slice_from_raw_parts_mut(text.data, text.size)));
    }
}

/// # Safety
/// `ids` was filled by `millm_tokenizer_encode` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn millm_tokenizer_free_ids(ids: Ids) {
    if !ids.data.is_null() {
        drop(Box::from_raw(ptr::slice_from_raw_parts_mut(ids.data, ids.size)));
    }
}
