//! How a struct says which elements it is made of. `element!` writes a struct and its reading from one list of fields,
//! named as BOINC names its elements.

use super::reader::{Content, Reader, Tag};
use super::text::{Escaped, Raw};

/// An element with children.
pub trait Element: Default {
    /// Takes the children that come next, as long as they come in the order in which the client writes them.
    fn in_order(&mut self, _: &mut Reader<'_>) {}

    /// Takes one child. False if this element does not know it.
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool;
}

/// What a field can be.
pub trait Value {
    /// Reads the element of `tag` into the field. A leaf that occurs again overwrites, as in BOINC's own parser.
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>);
}

/// Reads one element with all its children.
pub fn read_element<'a, T: Element>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> T {
    let mut element = T::default();
    if reader.enter(tag) {
        read_children(&mut element, reader);
    }
    element
}

/// Reads what is left of the element that was entered last.
pub fn read_children<T: Element>(element: &mut T, reader: &mut Reader<'_>) {
    loop {
        element.in_order(reader);
        let Some(child) = reader.child() else { return };
        if !element.child(reader, &child) {
            reader.skip_unknown(&child);
        }
    }
}

/// A finite number. Everything else that `printf("%f")` writes (`inf`, `-nan`, `1.#INF`) is no value.
fn number<'a>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> Option<f64> {
    if let Some(number) = reader.decimal(tag) {
        return Some(number);
    }
    let text = reader.leaf(tag, Content::Escaped)?.trim_ascii();
    if text.is_empty() {
        return None;
    }
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    if number.is_none() {
        reader.note_unreadable();
    }
    number.filter(|number| number.is_finite())
}

impl Value for Option<f64> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = number(reader, tag);
    }
}

/// Codes and ids.
impl Value for Option<i64> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        // Beyond 2^53 not every integer is a number of its own: better none than another.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        #[expect(clippy::cast_possible_truncation, reason = "checked to be an integer that i64 holds")]
        let integer = number(reader, tag).filter(|n| n.fract() == 0.0 && n.abs() < EXACT).map(|n| n as i64);
        *self = integer;
    }
}

/// Present (`<x/>`) or 1 is true; absent, empty (`<x></x>`) or 0 is false.
impl Value for bool {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = tag.is_empty() || number(reader, tag).is_some_and(|n| n != 0.0);
    }
}

/// As `bool`, where absence is not false but unknown.
impl Value for Option<bool> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = if tag.is_empty() { Some(true) } else { number(reader, tag).map(|n| n != 0.0) };
    }
}

impl Value for Raw {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = reader.leaf(tag, Content::Raw).map(Raw::decode).unwrap_or_default();
    }
}

impl Value for Escaped {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = reader.leaf(tag, Content::Escaped).map(Escaped::decode).unwrap_or_default();
    }
}

impl Value for Vec<Raw> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let mut text = Raw::default();
        text.read(reader, tag);
        self.push(text);
    }
}

impl<T: Element> Value for Option<T> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = Some(read_element(reader, tag));
    }
}

impl<T: Element> Value for Vec<T> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        self.push(read_element(reader, tag));
    }
}

/// Declares a struct whose fields are the children of an element.
///
/// A field has the element's name, or says it with `as`. Elements that are known and not read stand in `not_read`: they
/// do not count as unknown. `docs/METRICS.md` gives the reason for each.
macro_rules! element {
    (
        $(#[$doc:meta])*
        $name:ident { $( $(#[$field_doc:meta])* $field:ident $(as $element:literal)? : $type:ty ),* $(,)? }
        $( not_read { $($ignored:literal)* } )?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $type, )*
        }

        impl $crate::markup::element::Element for $name {
            fn in_order(&mut self, reader: &mut $crate::markup::reader::Reader<'_>) {
                reader.skip_blanks();
                $(
                    while let Some(tag) = reader.expected($crate::markup::element::element!(@open $field $($element)?)) {
                        $crate::markup::element::Value::read(&mut self.$field, reader, &tag);
                        reader.skip_blanks();
                    }
                )*
            }

            fn child<'a>(
                &mut self,
                reader: &mut $crate::markup::reader::Reader<'a>,
                tag: &$crate::markup::reader::Tag<'a>,
            ) -> bool {
                $(
                    if tag.is($crate::markup::element::element!(@name $field $($element)?)) {
                        $crate::markup::element::Value::read(&mut self.$field, reader, tag);
                        return true;
                    }
                )*
                $( if false $(|| tag.is($ignored))* {
                    reader.skip(tag);
                    return true;
                } )?
                false
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $element:literal) => { $element };
    (@open $field:ident) => { concat!("<", stringify!($field), ">") };
    (@open $field:ident $element:literal) => { concat!("<", $element, ">") };
}
pub(crate) use element;
