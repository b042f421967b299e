//! Reads elements into structs. A reader comes in; filled structs go out. The macro `element!` generates a struct and
//! its reading code from one list of fields, named as BOINC names its elements. It does not know any particular
//! element.

use super::reader::{Escaping, Reader, Tag};
use super::text::{Escaped, Raw};

/// An element with children.
pub trait Element: Default {
    /// Bytes that it takes besides its own size.
    const APART: usize = 0;

    /// Reads children as long as they come in the order in which the client writes them.
    fn expected_children(&mut self, _: &mut Reader<'_>) {}

    /// Reads one child. Returns false if this element does not know it.
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool;
}

/// Large parts that few rows have are boxed, and large rows that are moved from list to list.
impl<T: Element> Element for Box<T> {
    const APART: usize = size_of::<T>();

    fn expected_children(&mut self, reader: &mut Reader<'_>) {
        (**self).expected_children(reader);
    }

    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        (**self).child(reader, tag)
    }
}

/// An element that comes many times: what a list holds.
pub trait Row: Element {
    /// How many of them there can be in one list. More are counted and left out.
    const MAX: usize;
}

impl<T: Row> Row for Box<T> {
    const MAX: usize = T::MAX;
}

/// A type that a field can have.
pub trait Value {
    /// Reads the element of `tag` into the field. A repeated leaf overwrites the value, as in BOINC's own parser.
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>);
}

/// Reads one element and all its children.
pub fn read_element<'a, T: Element>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> T {
    let mut element = T::default();
    if reader.enter(tag) {
        read_children(&mut element, reader);
    }
    element
}

/// Reads the remaining children of the element entered last.
pub fn read_children<T: Element>(element: &mut T, reader: &mut Reader<'_>) {
    let mut known = true;
    loop {
        // Among unknown elements the order means nothing, and looking for it would cost more than they do.
        if known {
            element.expected_children(reader);
        }
        let Some(child) = reader.child() else { return };
        known = element.child(reader, &child);
        if !known {
            reader.skip_unknown(&child);
        }
    }
}

/// A finite number. The other outputs of `printf("%f")` (`inf`, `-nan`, `1.#INF`) count as no value.
fn number<'a>(reader: &mut Reader<'a>, tag: &Tag<'a>) -> Option<f64> {
    if let Some(number) = reader.decimal(tag) {
        return Some(number);
    }
    let text = reader.leaf(tag, Escaping::Escaped)?.trim_ascii();
    if text.is_empty() {
        return None;
    }
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    if number.is_none() {
        reader.count_unreadable();
    }
    number.filter(|number| number.is_finite())
}

impl Value for Option<f64> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = number(reader, tag);
    }
}

/// Codes and IDs.
impl Value for Option<i64> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        // Beyond 2^53 a float cannot represent every integer: better no value than a wrong one.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        #[expect(clippy::cast_possible_truncation, reason = "checked to be an integer that i64 holds")]
        let integer = number(reader, tag).filter(|n| n.fract() == 0.0 && n.abs() < EXACT).map(|n| n as i64);
        *self = integer;
    }
}

/// Present (`<x/>`) or nonzero is true; absent, empty (`<x></x>`) or 0 is false.
impl Value for bool {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = tag.is_empty() || number(reader, tag).is_some_and(|n| n != 0.0);
    }
}

/// As `bool`, but absent means unknown, not false.
impl Value for Option<bool> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = if tag.is_empty() { Some(true) } else { number(reader, tag).map(|n| n != 0.0) };
    }
}

impl Value for Raw {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = reader.leaf(tag, Escaping::Raw).map(Raw::decode).unwrap_or_default();
    }
}

impl Value for Escaped {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        *self = reader.leaf(tag, Escaping::Escaped).map(Escaped::decode).unwrap_or_default();
    }
}

/// How many texts a list may have. Such lists name resources or platforms: BOINC knows 8 kinds of the first (`MAX_RSC`) and
/// about thirty of the second.
const MAX_TEXTS: usize = 64;

impl Value for Vec<Raw> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let before = reader.kept();
        let mut text = Raw::default();
        text.read(reader, tag);
        if reader.keep(before, size_of::<Raw>(), self.len(), MAX_TEXTS) {
            self.push(text);
        }
    }
}

impl<T: Element> Value for Option<T> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let before = reader.kept();
        let element = read_element(reader, tag);
        *self = reader.keep(before, T::APART, 0, 1).then_some(element);
    }
}

impl<T: Row> Value for Vec<T> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let before = reader.kept();
        let row = read_element(reader, tag);
        if reader.keep(before, size_of::<T>() + T::APART, self.len(), T::MAX) {
            self.push(row);
        }
    }
}

/// Declares a struct whose fields are the children of an element.
///
/// A field has the name of its element, or gives it with `as`. Elements that are known but not read are listed in
/// `not_read`, so that they do not count as unknown. `docs/METRICS.md` gives the reason for each. One that comes in lists
/// says how many there can be: `[at most MAX]`.
macro_rules! element {
    (
        $(#[$doc:meta])*
        $name:ident $([at most $max:expr])? { $( $(#[$field_doc:meta])* $field:ident $(as $element:literal)? : $type:ty ),* $(,)? }
        $( not_read { $($ignored:literal)* } )?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $type, )*
        }

        $( impl $crate::markup::element::Row for $name {
            const MAX: usize = $max;
        } )?

        impl $crate::markup::element::Element for $name {
            fn expected_children(&mut self, reader: &mut $crate::markup::reader::Reader<'_>) {
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
