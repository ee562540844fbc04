//! Schemas as text.

use super::{Bits, Format, Int, Level, Schema, Size, Text};
use std::fmt::{self, Display, Formatter};

impl Schema {
    /// As text, one line, for a level: the notation of the protocol's facts.
    pub fn shown(&self, level: Level) -> impl Display + '_ {
        Shown(self, level)
    }
}

struct Shown<'a>(&'a Schema, Level);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let level = self.1;
        match self.0.at(level) {
            Schema::Text(Text { format, size, pattern }) => {
                f.write_str(match format {
                    Format::Plain => "text",
                    Format::DateTime | Format::DateTimeOrNothing => "date-time",
                    Format::Uri => "uri",
                    Format::UriReference => "uri-reference",
                    Format::Base64 => "base64",
                    Format::Binary => "binary",
                })?;
                write!(f, "{size}")?;
                pattern.map_or(Ok(()), |pattern| write!(f, " /{}/", pattern.regex()))
            }
            Schema::Int(Int { bits, min, max }) => {
                f.write_str(match bits {
                    Bits::B32 => "int32",
                    Bits::B64 => "int64",
                    Bits::Unsaid => "int",
                })?;
                show_range(f, *min, *max)
            }
            Schema::Number => f.write_str("number"),
            Schema::Flag => f.write_str("bool"),
            Schema::Any => f.write_str("any"),
            Schema::Document | Schema::Given => f.write_str("map(any)"),
            Schema::Map(value) => write!(f, "map({})", value.shown(level)),
            Schema::List(item, size) => write!(f, "list({}){size}", item.shown(level)),
            Schema::Enum(..) => write!(f, "enum({})", self.0.values(level).join("|")),
            Schema::Filter(of, operators) => {
                let names: Vec<&str> = operators.iter().map(|operator| operator.name()).collect();
                write!(f, "filter({}: {})", of.shown(level), names.join(" "))
            }
            Schema::OneOf(options) => {
                let options: Vec<String> =
                    options.iter().map(|option| option.shown(level).to_string()).collect();
                write!(f, "one({})", options.join("|"))
            }
            Schema::Object(object) => f.write_str(object.name),
            Schema::Levels(..) => unreachable!("`at` leaves none"),
        }
    }
}

impl Display for Size {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bound = |bound: u32| (bound > 0).then_some(i64::from(bound));
        show_range(f, bound(self.min), bound(self.max))
    }
}

fn show_range(f: &mut Formatter<'_>, min: Option<i64>, max: Option<i64>) -> fmt::Result {
    let shown = |bound: Option<i64>| bound.map_or_else(String::new, |bound| bound.to_string());
    if min.is_none() && max.is_none() {
        return Ok(());
    }
    write!(f, "[{}..{}]", shown(min), shown(max))
}
