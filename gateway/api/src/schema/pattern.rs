//! Which characters a text is of.

/// Which characters a text is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Digits, perhaps with a sign.
    Key,
    /// Two numbers with a dash between.
    EvaluationKey,
    /// Id of a process or decision.
    ModelId,
    /// Id of a user, group, role and the like.
    Name,
    /// Id of a tenant.
    Tenant,
    /// Id of a tenant or user at 8.9.
    OldTenant,
    /// Id of a tenant to be, at 8.9.
    OldName,
    /// Label of an instance.
    Tag,
    /// Base 64.
    Base64,
    /// Digits and a star.
    Prefix,
}

impl Pattern {
    /// As a regular expression.
    pub const fn regex(self) -> &'static str {
        match self {
            Self::Key => "^-?[0-9]+$",
            Self::EvaluationKey => "^[0-9]+-[0-9]+$",
            Self::ModelId => r"^[\w_][\w0-9_\-\.]*$",
            Self::Name => "^[a-zA-Z0-9_~@.+-]+$",
            Self::Tenant => r"^(<default>|[\w\.\-]{1,31})$",
            Self::OldTenant => "^(<default>|[A-Za-z0-9_@.+-]+)$",
            Self::OldName => "^[A-Za-z0-9_@.+-]+$",
            Self::Tag => r"^[A-Za-z][A-Za-z0-9_\-:.]{0,99}$",
            Self::Base64 => "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=)?$",
            Self::Prefix => r"^\d*\*$",
        }
    }

    /// Whether a text is of it.
    pub fn matches(self, text: &str) -> bool {
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let all = |more: &[u8]| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        match self {
            Self::Key => is_digits(text.strip_prefix('-').unwrap_or(text)),
            Self::EvaluationKey => text.split_once('-').is_some_and(|(a, b)| is_digits(a) && is_digits(b)),
            Self::ModelId => {
                text.bytes().next().is_some_and(is_word)
                    && text.bytes().all(|byte| is_word(byte) || b"-.".contains(&byte))
            }
            Self::Name => all(b"_~@.+-"),
            Self::OldName => all(b"_@.+-"),
            Self::Tenant => text == "<default>" || (all(b"_.-") && text.len() <= 31),
            Self::OldTenant => text == "<default>" || all(b"_@.+-"),
            Self::Tag => {
                text.starts_with(|first: char| first.is_ascii_alphabetic())
                    && all(b"_-:.")
                    && text.len() <= 100
            }
            Self::Base64 => {
                let inner = text.trim_end_matches('=');
                let (kept, signs) = (inner.len() % 4, text.len() - inner.len());
                inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
                    && match kept {
                        0 => signs == 0,
                        2 => signs == 0 || signs == 2,
                        3 => signs <= 1,
                        _ => false,
                    }
            }
            Self::Prefix => {
                text.strip_suffix('*').is_some_and(|digits| digits.is_empty() || is_digits(digits))
            }
        }
    }
}
