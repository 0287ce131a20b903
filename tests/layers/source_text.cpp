// SPDX-License-Identifier: GPL-3.0-or-later
#include "layers/layer_check.h"

#include <cctype>

namespace voorwerp::layers {

namespace {

/// Walks over the source once; each method consumes one kind of token.
class Reader
{
public:
    explicit Reader(std::string_view source)
        : m_source(source)
    {
    }

    SourceText read()
    {
        while (m_at < m_source.size()) {
            if (starts("//"))
                skipLineComment();
            else if (starts("/*"))
                skipBlockComment();
            else if (starts("R\"") && !afterIdentifier())
                readRawLiteral();
            else if (m_source[m_at] == '"')
                readLiteral();
            else if (m_source[m_at] == '\'' && !afterIdentifier())
                readCharacter();
            else
                readCode();
        }
        return std::move(m_result);
    }

private:
    bool starts(std::string_view text) const { return m_source.substr(m_at).starts_with(text); }

    /// An identifier or number ends right before this place: 1'000 is no character, FOOR"x" no raw string.
    bool afterIdentifier() const
    {
        if (m_at == 0)
            return false;
        const unsigned char before = static_cast<unsigned char>(m_source[m_at - 1]);
        return std::isalnum(before) != 0 || before == '_';
    }

    void keepLineBreak(char c)
    {
        if (c != '\n')
            return;
        ++m_line;
        m_result.withoutComments += '\n';
        m_result.codeOnly += '\n';
    }

    void skipLineComment()
    {
        while (m_at < m_source.size() && m_source[m_at] != '\n')
            ++m_at;
    }

    void skipBlockComment()
    {
        const std::size_t end = m_source.find("*/", m_at + 2);
        const std::size_t stop = end == std::string_view::npos ? m_source.size() : end + 2;
        for (; m_at < stop; ++m_at)
            keepLineBreak(m_source[m_at]);
        m_result.withoutComments += ' ';
        m_result.codeOnly += ' ';
    }

    void readRawLiteral()
    {
        const std::size_t open = m_source.find('(', m_at);
        if (open == std::string_view::npos)
            return readCode();
        const std::string close = ")" + std::string(m_source.substr(m_at + 2, open - m_at - 2)) + "\"";
        const std::size_t end = m_source.find(close, open);
        const std::size_t stop = end == std::string_view::npos ? m_source.size() : end;
        addLiteral(m_source.substr(open + 1, stop - open - 1));
        const std::size_t next = std::min(m_source.size(), stop + close.size());
        for (; m_at < next; ++m_at)
            keepLineBreak(m_source[m_at]);
        m_result.codeOnly += "\"\"";
    }

    void readLiteral()
    {
        const std::size_t first = ++m_at;
        while (m_at < m_source.size() && m_source[m_at] != '"' && m_source[m_at] != '\n')
            m_at += m_source[m_at] == '\\' ? 2 : 1;
        m_at = std::min(m_at, m_source.size());
        const std::string_view text = m_source.substr(first, m_at - first);
        addLiteral(text);
        m_result.withoutComments += '"' + std::string(text) + '"';
        m_result.codeOnly += "\"\"";
        if (m_at < m_source.size() && m_source[m_at] == '"')
            ++m_at;
        m_joinable = true;
    }

    void readCharacter()
    {
        const std::size_t first = m_at++;
        while (m_at < m_source.size() && m_source[m_at] != '\'' && m_source[m_at] != '\n')
            m_at += m_source[m_at] == '\\' ? 2 : 1;
        m_at = std::min(m_at + 1, m_source.size());
        m_result.withoutComments += m_source.substr(first, m_at - first);
        m_result.codeOnly += "''";
        m_joinable = false;
    }

    void readCode()
    {
        const char c = m_source[m_at++];
        if (std::isspace(static_cast<unsigned char>(c)) == 0)
            m_joinable = false;
        if (c == '\n')
            return keepLineBreak(c);
        m_result.withoutComments += c;
        m_result.codeOnly += c;
    }

    void addLiteral(std::string_view text)
    {
        if (m_joinable && !m_result.literals.empty())
            m_result.literals.back().text += text;
        else
            m_result.literals.push_back({m_line, std::string(text)});
        m_joinable = true;
    }

    std::string_view m_source;
    std::size_t m_at = 0;
    int m_line = 1;
    bool m_joinable = false; ///< only blanks stand between the last literal and here
    SourceText m_result;
};

} // namespace

SourceText takeApart(std::string_view source)
{
    return Reader(source).read();
}

} // namespace voorwerp::layers
