// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/where_lexer.h"

#include "catalog/sql_values.h"
#include "catalog/where.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kLongestExpression = 1 << 20;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isNameCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Lexer
{
public:
    explicit Lexer(std::string_view expression)
        : m_text(expression)
    {
    }

    std::vector<Token> run()
    {
        std::vector<Token> tokens;
        for (skipSpace(); m_at < m_text.size(); skipSpace())
            tokens.push_back(next());
        tokens.push_back({Token::Kind::End, {}, 0, 0.0, m_text.size(), 0});
        return tokens;
    }

private:
    void skipSpace()
    {
        while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])) != 0)
            ++m_at;
    }

    char peek(std::size_t ahead = 0) const
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }

    Token next()
    {
        if (isDigit(peek()) || (peek() == '.' && isDigit(peek(1))))
            return number();
        if (isNameCharacter(peek()))
            return name();
        if (peek() == '\'' || peek() == '"')
            return text();
        return symbol();
    }

    Token finish(Token::Kind kind, std::size_t start, std::string text = {}) const
    {
        return {kind, std::move(text), 0, 0.0, start, m_at - start};
    }

    Token name()
    {
        const std::size_t start = m_at;
        while (isNameCharacter(peek()))
            ++m_at;
        std::string text(m_text.substr(start, m_at - start));
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        return finish(Token::Kind::Name, start, std::move(text));
    }

    void digits()
    {
        while (isDigit(peek()))
            ++m_at;
    }

    Token number()
    {
        const std::size_t start = m_at;
        digits();
        bool real = false;
        if (peek() == '.') {
            real = true;
            ++m_at;
            digits();
        }
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if ((peek() == 'e' || peek() == 'E') && isDigit(peek(1 + sign))) {
            real = true;
            m_at += 1 + sign;
            digits();
        }
        const std::string_view word = m_text.substr(start, m_at - start);
        if (isNameCharacter(peek()))
            throw WhereError("a number runs into a name at '" + std::string(word) + "'",
                             "Put a space between them.", start, m_at - start + 1);
        return real ? realNumber(start, word) : integerNumber(start, word);
    }

    Token integerNumber(std::size_t start, std::string_view word) const
    {
        Token token = finish(Token::Kind::Integer, start);
        if (std::from_chars(word.begin(), word.end(), token.integer).ec != std::errc())
            throw WhereError("the number " + std::string(word.substr(0, 40)) + " is too large",
                             "Whole numbers go up to 9223372036854775807.", start, word.size());
        token.real = static_cast<double>(token.integer);
        return token;
    }

    Token realNumber(std::size_t start, std::string_view word) const
    {
        Token token = finish(Token::Kind::Real, start);
        if (std::from_chars(word.begin(), word.end(), token.real).ec != std::errc())
            throw WhereError("the number " + std::string(word.substr(0, 40)) + " is too large or too small",
                             "Use a number between 1e-300 and 1e300.", start, word.size());
        return token;
    }

    Token text()
    {
        const std::size_t start = m_at;
        const char quote = m_text[m_at++];
        std::string value;
        for (;;) {
            if (m_at >= m_text.size())
                throw WhereError("a text has no end", std::string("Close it with ") + quote + ".", start,
                                 m_text.size() - start);
            const char c = m_text[m_at++];
            if (c != quote)
                value += c;
            else if (peek() == quote)
                value += m_text[m_at++];
            else
                break;
        }
        return finish(Token::Kind::Text, start, std::move(value));
    }

    Token symbol()
    {
        static constexpr std::array<std::string_view, 16> kSymbols{
            "<>", "!=", "==", "<=", ">=", "<", ">", "=", "(", ")", ",", "&", "+", "-", "*", "/"};
        const std::size_t start = m_at;
        for (const std::string_view symbol : kSymbols) {
            if (!m_text.substr(m_at).starts_with(symbol))
                continue;
            m_at += symbol.size();
            const std::string_view spelling = symbol == "<>" ? "!=" : symbol == "==" ? "=" : symbol;
            return finish(Token::Kind::Symbol, start, std::string(spelling));
        }
        std::size_t end = start + 1;
        while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xC0) == 0x80)
            ++end;
        throw WhereError(
            "'" + std::string(m_text.substr(start, end - start)) + "' has no meaning here",
            "Write texts in quotes, and use and, or, not, = != < <= > >=, in, between, like, is null.", start,
            end - start);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

std::vector<Token> tokenise(std::string_view expression)
{
    if (expression.size() > kLongestExpression)
        throw WhereError("the expression is too long", "Keep it below one million characters.", 0,
                         expression.size());
    if (const std::size_t clean = cleanPrefix(expression); clean < expression.size())
        throw WhereError("the expression has bytes that are not UTF-8 text", "Type it again.", clean, 1);
    return Lexer(expression).run();
}

} // namespace voorwerp::catalog
