//! A source file: its text, its tokens, and positions as people count them.

use assay_evidence::Span;

use super::lexer::{Comment, Kind, Lexed, lex};

/// A file that was read and split into tokens.
#[derive(Debug)]
pub(crate) struct Source {
    /// Path relative to the package's root, with `/`.
    pub(crate) path: String,
    /// The text.
    pub(crate) text: String,
    lexed: Lexed,
}

impl Source {
    /// Splits `text` into tokens.
    pub(crate) fn new(path: String, text: String) -> Result<Self, String> {
        let lexed = lex(&text)?;
        Ok(Self { path, text, lexed })
    }

    /// All comments.
    pub(crate) fn comments(&self) -> &[Comment] {
        &self.lexed.comments
    }

    /// Number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.lexed.tokens.len()
    }

    /// Number of lines.
    pub(crate) fn line_count(&self) -> usize {
        let last = self.lexed.lines.last().map_or(0, |start| *start as usize);
        self.lexed.lines.len() - usize::from(last == self.text.len())
    }

    /// The kind of token `index`, none past the end.
    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        self.lexed.tokens.get(index).map(|token| token.kind)
    }

    /// The text of token `index`, empty past the end.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.lexed.tokens.get(index).map_or("", |token| {
            &self.text[token.start as usize..token.end as usize]
        })
    }

    /// Whether token `index` is the identifier or keyword `word`.
    pub(crate) fn is_word(&self, index: usize, word: &str) -> bool {
        self.kind(index) == Some(Kind::Ident) && self.word(index) == word
    }

    /// Whether token `index` is an identifier or keyword.
    pub(crate) fn is_ident(&self, index: usize) -> bool {
        self.kind(index) == Some(Kind::Ident)
    }

    /// Whether token `index` is this character.
    pub(crate) fn is_punct(&self, index: usize, byte: u8) -> bool {
        self.kind(index) == Some(Kind::Punct(byte))
    }

    /// Whether tokens `index` and `index + 1` are these characters with nothing between.
    pub(crate) fn is_joint(&self, index: usize, first: u8, second: u8) -> bool {
        self.is_punct(index, first)
            && self.is_punct(index + 1, second)
            && self.lexed.tokens[index].end == self.lexed.tokens[index + 1].start
    }

    /// The character of a token of punctuation, 0 for another one.
    pub(crate) fn byte(&self, index: usize) -> u8 {
        match self.kind(index) {
            Some(Kind::Punct(byte)) => byte,
            _ => 0,
        }
    }

    /// Whether something stands between token `index` and the one before it.
    pub(crate) fn has_space_before(&self, index: usize) -> bool {
        index > 0 && self.end(index - 1) < self.start(index)
    }

    /// Whether token `index` opens with this delimiter.
    pub(crate) fn is_open(&self, index: usize, byte: u8) -> bool {
        self.kind(index) == Some(Kind::Open(byte))
    }

    /// The closing partner of an opening delimiter, when token `index` is one.
    pub(crate) fn group_end(&self, index: usize) -> Option<usize> {
        match self.kind(index) {
            Some(Kind::Open(_)) => Some(self.lexed.tokens[index].mate as usize),
            _ => None,
        }
    }

    /// The opening partner of a closing delimiter, when token `index` is one.
    pub(crate) fn group_start(&self, index: usize) -> Option<usize> {
        match self.kind(index) {
            Some(Kind::Close(_)) => Some(self.lexed.tokens[index].mate as usize),
            _ => None,
        }
    }

    /// Byte offset of the first character of token `index`; the text's end past the last token.
    pub(crate) fn start(&self, index: usize) -> u32 {
        self.lexed
            .tokens
            .get(index)
            .map_or(self.text.len() as u32, |token| token.start)
    }

    /// Byte offset just past token `index`.
    pub(crate) fn end(&self, index: usize) -> u32 {
        self.lexed
            .tokens
            .get(index)
            .map_or(self.text.len() as u32, |token| token.end)
    }

    /// A range of tokens written in one line, with spaces only where they part words.
    pub(crate) fn compact(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        for index in from..to.min(self.len()) {
            let word = self.word(index);
            let parts_words = |text: &str, c: Option<char>| {
                !text.is_empty() && c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '\'')
            };
            let last = out.chars().next_back();
            let words_meet = parts_words(&out, last)
                && word
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '\'');
            if words_meet || last == Some(',') || (last == Some('>') && self.is_word(index, "as")) {
                out.push(' ');
            }
            out.push_str(word);
        }
        out
    }

    /// The line of a byte offset, from 0.
    pub(crate) fn line_index(&self, offset: u32) -> usize {
        self.lexed
            .lines
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// Byte offset at which a line starts, lines counted from 0.
    pub(crate) fn line_start(&self, line: usize) -> u32 {
        self.lexed
            .lines
            .get(line)
            .copied()
            .unwrap_or(self.text.len() as u32)
    }

    /// Line and column of a byte offset, both from 1, columns in characters.
    pub(crate) fn position(&self, offset: u32) -> (u32, u32) {
        let line = self.line_index(offset);
        let start = self.line_start(line) as usize;
        let before = self.text.get(start..offset as usize).unwrap_or("");
        (line as u32 + 1, before.chars().count() as u32 + 1)
    }

    /// The span of a range of bytes.
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        let (line, column) = self.position(start);
        let (end_line, end_column) = self.position(end);
        Span {
            file: self.path.clone(),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("src/lib.rs".to_owned(), text.to_owned()).expect("lexes")
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = source("fn é() {}\n  \"λλ\" x");
        let x = source.len() - 1;
        assert_eq!(source.position(source.start(x)), (2, 8));
    }

    #[test]
    fn lines_are_counted_with_and_without_a_final_newline() {
        assert_eq!(source("a\nb").line_count(), 2);
        assert_eq!(source("a\nb\n").line_count(), 2);
        assert_eq!(source("").line_count(), 0);
    }

    #[test]
    fn compact_text_keeps_words_apart() {
        let source = source("Foo < 'a , dyn  Bar + Send > ");
        assert_eq!(source.compact(0, source.len()), "Foo<'a, dyn Bar+Send>");
    }
}
