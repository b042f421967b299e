//! Sets of parts that can be collected. Names come in as users write them in `collectors = [...]`; a set goes out. It does not know
//! which parts there are, nor how one is collected.

use std::fmt;
use std::marker::PhantomData;

/// A part of a subject that can be enabled or disabled.
pub trait Part: Copy + Eq + fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// All parts, in the order in which they are collected.
    const ALL: &'static [Self];
    /// Those that are collected whatever is configured.
    const ALWAYS: &'static [Self] = &[];

    /// Its number, below 32 and its own.
    fn number(self) -> u32;
    /// The name in configurations and in the label `collector`.
    fn name(self) -> &'static str;
    /// Those that are collected with it, because it adds series to what they tell.
    fn needs(self) -> &'static [Self] {
        &[]
    }
    /// Whether `default` stands for it, too.
    fn is_default(self) -> bool;
    /// What is wrong with a name that no part has, and which one was probably meant.
    fn unknown(name: &str) -> String;
}

/// A set of parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Parts<P> {
    /// By [`Part::number`].
    bits: u32,
    of: PhantomData<P>,
}

impl<P: Part> Parts<P> {
    /// Exactly these parts.
    pub fn of(parts: impl IntoIterator<Item = P>) -> Self {
        Self::with(parts.into_iter().fold(0, |bits, part| bits | 1 << part.number()))
    }

    /// All parts.
    #[must_use]
    pub fn all() -> Self {
        Self::of(P::ALL.iter().copied())
    }

    /// Parses configured names: `default` stands for the default set, and a leading `-` removes a name.
    ///
    /// # Errors
    /// A message that names the unknown part.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, String> {
        let mut set = Self::of([]);
        for name in names {
            let name = name.as_ref();
            let (name, removes) = name.strip_prefix('-').map_or((name, false), |rest| (rest, true));
            let meant = Self::named(name).ok_or_else(|| P::unknown(name))?;
            set = if removes { set.without(meant) } else { set.or(meant.with_needs()) };
        }
        Ok(set.or(Self::of(P::ALWAYS.iter().copied())))
    }

    /// The part with this name, or the default ones for `default`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == "default" {
            return Some(Self::default());
        }
        P::ALL.iter().find(|part| part.name() == name).map(|part| Self::of([*part]))
    }

    /// These parts and those that they need.
    #[must_use]
    pub fn with_needs(self) -> Self {
        self.iter().fold(self, |set, part| set.or(Self::of(part.needs().iter().copied())))
    }

    /// The parts in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self::with(self.bits & other.bits)
    }

    /// The parts in this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self::with(self.bits & !other.bits)
    }

    /// The parts in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self::with(self.bits | other.bits)
    }

    /// Whether a part is in the set.
    #[must_use]
    pub fn contains(self, part: P) -> bool {
        self.bits & (1 << part.number()) != 0
    }

    /// The members.
    pub fn iter(self) -> impl Iterator<Item = P> {
        P::ALL.iter().copied().filter(move |part| self.contains(*part))
    }

    const fn with(bits: u32) -> Self {
        Self { bits, of: PhantomData }
    }
}

impl<P: Part> Default for Parts<P> {
    fn default() -> Self {
        Self::of(P::ALL.iter().copied().filter(|part| part.is_default()))
    }
}

impl<P: Part> fmt::Debug for Parts<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(P::name)).finish()
    }
}
