//! The crate `llguidance` behind the same C ABI: which tokens keep an answer inside of a grammar.

use std::sync::Arc;
use std::{ptr, slice, thread};

use llguidance::api::{GrammarWithLexer, TopLevelGrammar};
use llguidance::earley::SlicedBiasComputer;
use llguidance::toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};
use serde_json::Value;

use crate::{bytes, door, text, Outcome, Text};

/// What compiling may take of the stack: the library recurses as deep as a grammar nests.
const COMPILER_STACK: usize = 256 << 20;

/// A grammar with no place to stand in beyond this is refused before it is parsed.
const MOST_TEXT: usize = 1 << 20;

/// The tokens of a model as byte strings, and what is kept of them to be fast.
pub struct Vocabulary {
    factory: ParserFactory,
}

pub struct Constraint {
    matcher: Matcher,
}

fn vocabulary(sizes: &[u32], joined: &[u8], end: u32) -> Outcome<Vocabulary> {
    let mut words = Vec::with_capacity(sizes.len());
    let mut rest = joined;
    for size in sizes {
        if *size as usize > rest.len() {
            return Err("the tokens are shorter than their sizes say".into());
        }
        let (word, behind) = rest.split_at(*size as usize);
        words.push(word.to_vec());
        rest = behind;
    }
    let trie = TokTrie::from(&TokRxInfo::new(words.len() as u32, end), &words);
    let tokens: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
    let mut factory = ParserFactory::new(&tokens, InferenceCapabilities::default(), &SlicedBiasComputer::general_slices())
        .map_err(|error| error.to_string())?;
    factory.quiet();
    // Errors are told to whoever sent the grammar: without the parser's insides.
    factory.limits_mut().verbose_errors = false;
    Ok(Vocabulary { factory })
}

/// Beyond it a double has no whole numbers of its own, and the library's ranges overflow into a recursion without end.
const LARGEST_NUMBER: f64 = 9007199254740991.0;

/// What is said of values, not asked of them.
const REMARKS: [&str; 4] = ["default", "description", "examples", "title"];

fn check_numbers(schema: &Value) -> Outcome<()> {
    match schema {
        Value::Number(number) if !number.as_f64().is_some_and(|value| value.abs() <= LARGEST_NUMBER) => {
            Err(format!("the number {number} is beyond {LARGEST_NUMBER}"))
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(members) => {
            members.iter().filter(|(key, _)| !REMARKS.contains(&key.as_str())).try_for_each(|(_, value)| check_numbers(value))
        }
        _ => Ok(()),
    }
}

/// The schemas inside of a Lark grammar. What only looks like one is checked as well.
fn check_schemas(lark: &str) -> Outcome<()> {
    lark.match_indices("%json").try_for_each(|(at, mark)| {
        let mut values = serde_json::Deserializer::from_str(&lark[at + mark.len()..]).into_iter::<Value>();
        values.next().and_then(Result::ok).map_or(Ok(()), |schema| check_numbers(&schema))
    })
}

fn grammar(kind: &str, source: &str, blanks_first: bool) -> Outcome<TopLevelGrammar> {
    let mut inner = match kind {
        "json_schema" => {
            let schema: Value = serde_json::from_str(source).map_err(|error| error.to_string())?;
            check_numbers(&schema)?;
            GrammarWithLexer::from_json_schema(schema)
        }
        "regex" => GrammarWithLexer::from_regex(source),
        "lark" => {
            check_schemas(source)?;
            GrammarWithLexer::from_lark(source.to_string())
        }
        _ => return Err(format!("'{kind}' is no kind of grammar")),
    };
    if !blanks_first {
        return Ok(TopLevelGrammar::from_grammar(inner));
    }
    inner.name = Some("answer".into());
    let outer = GrammarWithLexer::from_lark("start: BLANKS? @answer\nBLANKS: /[ \\r\\n\\t]{1,4}/\n".into());
    Ok(TopLevelGrammar { grammars: vec![outer, inner], max_tokens: None })
}

/// The library's words without its marks and without what it saw of the grammar.
fn plain(message: String) -> String {
    message.split("\n<").next().unwrap_or_default().trim().to_string()
}

fn matched<T>(result: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    result.map_err(|error| plain(error.to_string()))
}

/// A vocabulary of `count` tokens, `joined` one behind the other. A token that is no text begins with the byte 0xFF; one of no
/// bytes is never chosen. `end` stands for whatever ends an answer.
///
/// # Safety
/// `sizes` points to `count` numbers, `joined` to their sum of bytes; `out` and `error` may be written once.
#[no_mangle]
pub unsafe extern "C" fn millm_vocabulary_open(
    sizes: *const u32,
    count: usize,
    joined: *const u8,
    joined_size: usize,
    end: u32,
    out: *mut *mut Vocabulary,
    error: *mut Text,
) -> bool {
    door(error, out, || {
        let sizes = if sizes.is_null() { &[][..] } else { slice::from_raw_parts(sizes, count) };
        Ok(Box::into_raw(Box::new(vocabulary(sizes, bytes(joined, joined_size), end)?)))
    })
}

/// # Safety
/// `vocabulary` came from `millm_vocabulary_open` and is not used again; constraints made of it may be.
#[no_mangle]
pub unsafe extern "C" fn millm_vocabulary_close(vocabulary: *mut Vocabulary) {
    if !vocabulary.is_null() {
        drop(Box::from_raw(vocabulary));
    }
}

/// Compiles a grammar: "json_schema", "regex" (Rust's, of the whole text) or "lark" (the library's variant). `blanks_first`: some
/// blanks may stand in front of it.
///
/// # Safety
/// The texts point to as many bytes as said; `out` and `error` may be written once.
#[no_mangle]
pub unsafe extern "C" fn millm_constraint_open(
    vocabulary: *const Vocabulary,
    kind: *const u8,
    kind_size: usize,
    source: *const u8,
    source_size: usize,
    blanks_first: bool,
    out: *mut *mut Constraint,
    error: *mut Text,
) -> bool {
    door(error, out, || {
        let vocabulary = vocabulary.as_ref().ok_or_else(|| "no vocabulary".to_string())?;
        let (kind, source) = (text(kind, kind_size)?, text(source, source_size)?);
        if source.len() > MOST_TEXT {
            return Err(format!("it has {} bytes, at most {MOST_TEXT} are compiled", source.len()));
        }
        let matcher = thread::scope(|scope| {
            let compile = || -> Outcome<Matcher> {
                let parser = vocabulary.factory.create_parser(grammar(kind, source, blanks_first)?);
                let matcher = Matcher::new(parser);
                match matcher.get_error() {
                    Some(problem) => Err(plain(problem)),
                    None => Ok(matcher),
                }
            };
            thread::Builder::new()
                .stack_size(COMPILER_STACK)
                .spawn_scoped(scope, compile)
                .map_err(|error| error.to_string())?
                .join()
                .map_err(|_| "the grammar could not be compiled".to_string())?
        })?;
        Ok(Box::into_raw(Box::new(Constraint { matcher })))
    })
}

/// One that goes its own way from here.
///
/// # Safety
/// `constraint` came from one of these doors; nobody else uses it meanwhile.
#[no_mangle]
pub unsafe extern "C" fn millm_constraint_copy(constraint: *const Constraint, out: *mut *mut Constraint, error: *mut Text) -> bool {
    door(error, out, || {
        let constraint = constraint.as_ref().ok_or_else(|| "no constraint".to_string())?;
        Ok(Box::into_raw(Box::new(Constraint { matcher: constraint.matcher.deep_clone() })))
    })
}

/// # Safety
/// As above, and it is not used again.
#[no_mangle]
pub unsafe extern "C" fn millm_constraint_close(constraint: *mut Constraint) {
    if !constraint.is_null() {
        drop(Box::from_raw(constraint));
    }
}

/// The tokens that may come next, a bit each; the vocabulary's `end` is among them where the answer may end.
///
/// # Safety
/// As above; `mask` points to `words` words.
#[no_mangle]
pub unsafe extern "C" fn millm_constraint_mask(constraint: *mut Constraint, mask: *mut u32, words: usize, error: *mut Text) -> bool {
    door(error, ptr::null_mut::<()>(), || {
        let constraint = constraint.as_mut().ok_or_else(|| "no constraint".to_string())?;
        let allowed = matched(constraint.matcher.compute_mask_or_eos())?;
        let mask = slice::from_raw_parts_mut(mask, words);
        mask.fill(0);
        let shared = words.min(allowed.as_slice().len());
        mask[..shared].copy_from_slice(&allowed.as_slice()[..shared]);
        Ok(())
    })
}

/// Goes on behind a token. `ended` is told whether nothing but the end may follow.
///
/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn millm_constraint_take(constraint: *mut Constraint, token: u32, ended: *mut bool, error: *mut Text) -> bool {
    door(error, ended, || {
        let constraint = constraint.as_mut().ok_or_else(|| "no constraint".to_string())?;
        matched(constraint.matcher.consume_token(token))?;
        Ok(constraint.matcher.is_stopped())
    })
}
