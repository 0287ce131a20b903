// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/names.h"
#include "catalog/quasar_rule.h"
#include "catalog/where_lexer.h"
#include "catalog/where_tree.h"
#include "core/mask_bits.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace voorwerp::catalog {

namespace {

using Node = std::unique_ptr<WhereNode>;
using Kind = WhereNode::Kind;

constexpr std::size_t kDeepest = 200;
constexpr std::size_t kMostNodes = 100'000;

bool isNumber(const WhereNode& node)
{
    return node.type == ValueType::Integer || node.type == ValueType::Real;
}

bool isComparison(const Token& token)
{
    static constexpr std::array<std::string_view, 6> kOperators{"=", "!=", "<", "<=", ">", ">="};
    return token.kind == Token::Kind::Symbol &&
           std::find(kOperators.begin(), kOperators.end(), token.text) != kOperators.end();
}

class Parser
{
public:
    Parser(std::string_view expression, bool withModel)
        : m_tokens(tokenise(expression))
        , m_withModel(withModel)
    {
    }

    Node run()
    {
        if (current().kind == Token::Kind::End)
            return nullptr;
        Node root = condition(expression());
        if (current().kind != Token::Kind::End)
            fail(current(), "expected 'and', 'or' or the end before " + shown(current()),
                 isSymbol(",") ? "Decimals are written with a point: 2.5."
                               : "Join conditions: z > 2 and snr > 3.");
        return root;
    }

private:
    const Token& current() const { return m_tokens[m_at]; }
    bool isWord(std::string_view word) const
    {
        return current().kind == Token::Kind::Name && current().text == word;
    }
    bool isSymbol(std::string_view symbol) const
    {
        return current().kind == Token::Kind::Symbol && current().text == symbol;
    }
    bool takeWord(std::string_view word) { return isWord(word) && ++m_at > 0; }
    bool takeSymbol(std::string_view symbol) { return isSymbol(symbol) && ++m_at > 0; }
    static std::string shown(const Token& token)
    {
        if (token.kind == Token::Kind::End)
            return "the end";
        if (token.kind == Token::Kind::Name || token.kind == Token::Kind::Symbol)
            return "'" + token.text.substr(0, 40) + "'";
        return token.kind == Token::Kind::Text ? "a text" : "a number";
    }
    [[noreturn]] static void fail(const Token& token, const std::string& message,
                                  const std::string& remedy = {})
    {
        throw WhereError(message, remedy, token.position, token.length);
    }
    [[noreturn]] static void fail(const WhereNode& node, const std::string& message,
                                  const std::string& remedy = {})
    {
        throw WhereError(message, remedy, node.position, node.length);
    }
    void expectSymbol(std::string_view symbol)
    {
        if (!takeSymbol(symbol))
            fail(current(), "expected '" + std::string(symbol) + "' before " + shown(current()),
                 symbol == ")" ? "Close the bracket." : "");
    }

    /// Counts how deep the parser itself is: brackets, not, minus.
    class Level
    {
    public:
        explicit Level(Parser& parser)
            : m_parser(parser)
        {
            if (++m_parser.m_level > kDeepest) {
                --m_parser.m_level;
                fail(m_parser.current(), "the expression is nested too deeply", "Use fewer brackets.");
            }
        }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        ~Level() { --m_parser.m_level; }

    private:
        Parser& m_parser;
    };

    Node make(Kind kind, ValueType type, const Token& at, std::string text = {})
    {
        if (++m_nodes > kMostNodes)
            fail(at, "the expression has too many parts",
                 "Save the targets as a list, or split the selection.");
        auto node = std::make_unique<WhereNode>();
        node->kind = kind;
        node->type = type;
        node->text = std::move(text);
        node->position = at.position;
        node->length = at.length;
        return node;
    }

    static void adopt(WhereNode& parent, Node child)
    {
        parent.depth = std::max(parent.depth, child->depth + 1);
        if (parent.depth > kDeepest)
            fail(*child, "the expression is nested too deeply", "Use fewer operators in a row.");
        parent.position = std::min(parent.position, child->position);
        parent.children.push_back(std::move(child));
    }

    /// Where a condition is needed: "zwarn & 4" alone means that a bit is set.
    Node condition(Node node)
    {
        if (node->type == ValueType::Boolean)
            return node;
        if (node->kind != Kind::Arithmetic || node->text != "&")
            fail(*node, "this is a value, not a condition", "Compare it with something: = != < <= > >=.");
        const Token at{Token::Kind::Symbol, "<>", 0, 0.0, node->position, node->length};
        Node test = make(Kind::Compare, ValueType::Boolean, at, "<>"); // not !=: a value must be there
        Node zero = make(Kind::Integer, ValueType::Integer, at);
        adopt(*test, std::move(node));
        adopt(*test, std::move(zero));
        return test;
    }

    Node expression()
    {
        return chain(Kind::Or, "or",
                     [this] { return chain(Kind::And, "and", [this] { return negation(); }); });
    }

    template <typename Part> Node chain(Kind kind, std::string_view word, Part part)
    {
        Node first = part();
        if (!isWord(word))
            return first;
        Node all = make(kind, ValueType::Boolean, current());
        adopt(*all, condition(std::move(first)));
        while (takeWord(word))
            adopt(*all, condition(part()));
        return all;
    }

    Node negation()
    {
        const Level level(*this);
        const Token at = current();
        if (!takeWord("not"))
            return test();
        Node node = make(Kind::Not, ValueType::Boolean, at);
        adopt(*node, condition(negation()));
        return node;
    }

    Node test()
    {
        Node left = bits();
        const Token at = current();
        if (isComparison(at))
            return comparison(std::move(left));
        if (takeWord("is")) {
            Node node = make(Kind::IsNull, ValueType::Boolean, at);
            node->negated = takeWord("not");
            if (!takeWord("null"))
                fail(current(), "expected 'null' before " + shown(current()), "Write: column is null.");
            requireValue(*left);
            adopt(*node, std::move(left));
            return node;
        }
        if (takeWord("has"))
            return namedBit(std::move(left), at);
        const bool negated = isWord("not");
        if (negated)
            ++m_at;
        Node node;
        if (takeWord("in"))
            node = membership(std::move(left), at);
        else if (takeWord("between"))
            node = range(std::move(left), at);
        else if (takeWord("like") || takeWord("ilike"))
            node = pattern(std::move(left), at);
        else if (negated)
            fail(current(), "expected in, between or like after 'not'");
        else
            return left;
        node->negated = negated;
        return node;
    }

    static void requireValue(const WhereNode& node)
    {
        if (node.type == ValueType::Boolean)
            fail(node, "a condition stands where a value is expected",
                 "Put conditions together with and, or.");
    }

    static void requireSameType(const WhereNode& left, const WhereNode& right)
    {
        requireValue(left);
        requireValue(right);
        if (isNumber(left) == isNumber(right))
            return;
        const WhereNode& named = left.column != nullptr ? left : right;
        const std::string what =
            named.column != nullptr ? "the column " + named.column->info.name : "one side";
        fail(right,
             what + (isNumber(named) ? " is a number, the other side is a text"
                                     : " is a text, the other side is a number"),
             isNumber(named) ? "Leave out the quotes." : "Put the text in quotes: 'QSO'.");
    }

    /// a < b, and a < b < c for (a < b) and (b < c).
    Node comparison(Node left)
    {
        Node all;
        while (isComparison(current())) {
            const Token at = current();
            ++m_at;
            const std::size_t rightStart = m_at;
            Node right = bits();
            requireSameType(*left, *right);
            Node test = make(Kind::Compare, ValueType::Boolean, at, at.text);
            adopt(*test, std::move(left));
            const bool more = isComparison(current());
            if (more) {
                const std::size_t next = std::exchange(m_at, rightStart);
                left = bits(); // the middle is needed twice
                m_at = next;
            }
            adopt(*test, std::move(right));
            if (!all && !more)
                return test;
            if (!all)
                all = make(Kind::And, ValueType::Boolean, at);
            adopt(*all, std::move(test));
        }
        return all;
    }

    Node membership(Node left, const Token& at)
    {
        Node node = make(Kind::In, ValueType::Boolean, at);
        requireValue(*left);
        adopt(*node, std::move(left));
        expectSymbol("(");
        do {
            Node item = literal();
            requireSameType(*node->children[0], *item);
            adopt(*node, std::move(item));
        } while (takeSymbol(","));
        expectSymbol(")");
        return node;
    }

    /// "desi_target has QSO" is "desi_target & 4".
    Node namedBit(Node left, const Token& at)
    {
        const std::string mask =
            left->column == nullptr ? std::string() : core::maskOfColumn(left->column->info.name);
        if (mask.empty())
            fail(*left, "'has' asks for a bit of a mask by its name",
                 "It works on zwarn, coadd_fiberstatus, desi_target, scnd_target and qso_maskbits.");
        const Token name = current();
        if (name.kind != Token::Kind::Name && name.kind != Token::Kind::Text)
            fail(name, "expected the name of a bit before " + shown(name), "Write: desi_target has QSO.");
        ++m_at;
        Node test = make(Kind::Arithmetic, ValueType::Integer, at, "&");
        adopt(*test, std::move(left));
        Node bit = make(Kind::Integer, ValueType::Integer, name);
        bit->integer = std::int64_t{1} << bitOf(mask, name);
        bit->real = static_cast<double>(bit->integer);
        adopt(*test, std::move(bit));
        return condition(std::move(test));
    }

    static int bitOf(const std::string& mask, const Token& token)
    {
        std::string name = token.text.substr(0, 40);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return std::toupper(c); });
        const std::vector<core::MaskBit> bits = core::maskBitsOfAll(mask);
        std::vector<std::string> names;
        std::string list;
        for (const core::MaskBit& bit : bits) {
            names.push_back(bit.name);
            list += (list.empty() ? "" : ", ") + bit.name;
        }
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end())
            fail(token, mask + " has no bit " + name, didYouMean(name, names, "Its bits are " + list + "."));
        const int bit = bits[static_cast<std::size_t>(found - names.begin())].bit;
        if (std::count_if(bits.begin(), bits.end(), [&](const auto& other) { return other.bit == bit; }) > 1)
            fail(token,
                 "bit " + std::to_string(bit) + " of " + mask + " changed its meaning between productions",
                 "Write the number and the production: & " + std::to_string(std::int64_t{1} << bit) +
                     " != 0 and specprod = 'iron'.");
        return bit;
    }

    Node range(Node left, const Token& at)
    {
        Node node = make(Kind::Between, ValueType::Boolean, at);
        Node low = bits();
        requireSameType(*left, *low);
        if (!takeWord("and"))
            fail(current(), "expected 'and' before " + shown(current()), "Write: z between 2 and 3.");
        Node high = bits();
        requireSameType(*left, *high);
        adopt(*node, std::move(left));
        adopt(*node, std::move(low));
        adopt(*node, std::move(high));
        return node;
    }

    Node pattern(Node left, const Token& at)
    {
        if (left->type != ValueType::Text)
            fail(*left, "like works on texts", "Use = < > or between for numbers.");
        if (current().kind != Token::Kind::Text)
            fail(current(), "expected a text in quotes after 'like'", "Write: label like 'BAL%'.");
        Node node = make(Kind::Like, ValueType::Boolean, at);
        adopt(*node, std::move(left));
        adopt(*node, literal());
        return node;
    }

    Node literal()
    {
        const Token at = current();
        const bool minus = takeSymbol("-");
        const Token token = current();
        if (token.kind == Token::Kind::Text && !minus) {
            ++m_at;
            return make(Kind::Text, ValueType::Text, token, token.text);
        }
        if (token.kind != Token::Kind::Integer && token.kind != Token::Kind::Real)
            fail(token, "expected a column, a number or a text in quotes before " + shown(token),
                 "Write for example: z > 2.1 and spectype = 'QSO'.");
        ++m_at;
        const bool whole = token.kind == Token::Kind::Integer;
        Node node =
            make(whole ? Kind::Integer : Kind::Real, whole ? ValueType::Integer : ValueType::Real, at);
        node->integer = minus ? -token.integer : token.integer;
        node->real = minus ? -token.real : token.real;
        node->length = token.position + token.length - at.position;
        return node;
    }

    template <typename Part> Node arithmetic(std::initializer_list<std::string_view> operators, Part part)
    {
        Node left = part();
        for (;;) {
            const Token at = current();
            const bool matches = at.kind == Token::Kind::Symbol &&
                                 std::find(operators.begin(), operators.end(), at.text) != operators.end();
            if (!matches)
                return left;
            ++m_at;
            Node right = part();
            if (!isNumber(*left) || !isNumber(*right))
                fail(isNumber(*left) ? *right : *left, "'" + at.text + "' works on numbers");
            const bool bitwise = at.text == "&";
            if (bitwise && (left->type != ValueType::Integer || right->type != ValueType::Integer))
                fail(at, "'&' tests bits of whole numbers", "Use and to join conditions.");
            Node node = make(Kind::Arithmetic, bitwise ? ValueType::Integer : ValueType::Real, at, at.text);
            adopt(*node, std::move(left));
            adopt(*node, std::move(right));
            left = std::move(node);
        }
    }

    Node bits()
    {
        return arithmetic({"&"}, [this] { return sum(); });
    }
    Node sum()
    {
        return arithmetic({"+", "-"}, [this] { return arithmetic({"*", "/"}, [this] { return sign(); }); });
    }

    Node sign()
    {
        const Level level(*this);
        if (!isSymbol("-"))
            return primary();
        const Token::Kind next = m_tokens[m_at + 1].kind;
        if (next == Token::Kind::Integer || next == Token::Kind::Real)
            return literal();
        const Token at = current();
        ++m_at;
        Node value = sign();
        if (!isNumber(*value))
            fail(*value, "'-' works on numbers");
        Node node = make(Kind::Negate, ValueType::Real, at);
        adopt(*node, std::move(value));
        return node;
    }

    Node primary()
    {
        const Token at = current();
        if (takeSymbol("(")) {
            Node inside = expression();
            expectSymbol(")");
            return inside;
        }
        if (at.kind != Token::Kind::Name)
            return literal();
        const Token& next = m_tokens[m_at + 1];
        if (next.kind != Token::Kind::Symbol || next.text != "(")
            return columnNode();
        if (at.text == "cone")
            return skyFunction(Kind::Cone, kConeArguments, "cone(ra, dec, radius), radius in arcsec");
        if (at.text == "box")
            return skyFunction(Kind::Box, kBoxArguments,
                               "box(ra_min, ra_max, dec_min, dec_max); ra_min > ra_max goes over 0");
        if (at.text == "matched" || at.text == "separation")
            return matchFunction(at);
        if (at.text == "rule")
            return rule();
        return function();
    }

    Node function()
    {
        const Token at = current();
        const WhereFunction* known = findFunction(at.text);
        if (known == nullptr)
            fail(at, "there is no function '" + at.text.substr(0, 40) + "'",
                 "There are cone, box, matched, separation, rule, " + functionNames() + ".");
        Node node = make(Kind::Function, ValueType::Real, at, at.text);
        node->function = known;
        m_at += 2;
        for (std::size_t i = 0; i < known->arguments; ++i) {
            if (i > 0)
                expectSymbol(",");
            Node argument = bits();
            if (!isNumber(*argument))
                fail(*argument, at.text + "() works on numbers");
            adopt(*node, std::move(argument));
        }
        expectSymbol(")");
        return node;
    }

    Node columnNode()
    {
        const Token at = current();
        const ColumnSpec* column = findColumn(at.text);
        if (column == nullptr)
            fail(at, "there is no column '" + at.text.substr(0, 40) + "'",
                 didYouMean(at.text, columnNames(m_withModel),
                            "A text stands in quotes: '" + at.text.substr(0, 40) +
                                "'. Columns are z, zwarn, snr, spectype, target_ra, label and others: the "
                                "filter line completes their names."));
        if (column->info.needsModel && !m_withModel)
            fail(at, "the column '" + at.text + "' belongs to a model's scores",
                 "Use it where a model is chosen.");
        ++m_at;
        const ValueType type = column->info.type == ColumnType::Text      ? ValueType::Text
                               : column->info.type == ColumnType::Integer ? ValueType::Integer
                                                                          : ValueType::Real;
        Node node = make(Kind::Column, type, at);
        node->column = column;
        return node;
    }

    struct SkyArgument
    {
        const char* name;
        int low, high;
    };
    static constexpr std::array<SkyArgument, 3> kConeArguments{
        {{"right ascension [deg]", 0, 360}, {"declination [deg]", -90, 90}, {"radius [arcsec]", 0, 648000}}};
    static constexpr std::array<SkyArgument, 4> kBoxArguments{{{"least right ascension [deg]", 0, 360},
                                                               {"largest right ascension [deg]", 0, 360},
                                                               {"least declination [deg]", -90, 90},
                                                               {"largest declination [deg]", -90, 90}}};

    template <std::size_t Count>
    Node skyFunction(Kind kind, const std::array<SkyArgument, Count>& arguments, const std::string& form)
    {
        const std::string name = current().text;
        Node node = make(kind, ValueType::Boolean, current());
        m_at += 2;
        for (const SkyArgument& argument : arguments) {
            if (!node->children.empty())
                expectSymbol(",");
            Node value = literal();
            if (!isNumber(*value) || value->real < argument.low || value->real > argument.high)
                fail(*value,
                     std::string("the ") + argument.name + " of " + name + "() must be a number from " +
                         std::to_string(argument.low) + " to " + std::to_string(argument.high),
                     "Write: " + form + ".");
            adopt(*node, std::move(value));
        }
        expectSymbol(")");
        return node;
    }

    /// matched('squad') is a condition, separation('squad') a number in arcsec.
    Node matchFunction(const Token& at)
    {
        const bool matched = at.text == "matched";
        Node node = make(matched ? Kind::Matched : Kind::Separation,
                         matched ? ValueType::Boolean : ValueType::Real, at);
        m_at += 2;
        if (current().kind != Token::Kind::Text)
            fail(current(), at.text + "() needs the name of an imported catalogue in quotes",
                 "Write: " + std::string(matched ? "matched('squad')." : "separation('squad') < 1."));
        adopt(*node, literal());
        expectSymbol(")");
        return node;
    }

    Node rule()
    {
        const Token at = current();
        m_at += 2;
        const Token id = current();
        if (id.kind != Token::Kind::Text)
            fail(id, "expected the id of a quasar rule in quotes before " + shown(id),
                 "Write: rule('" + quasarRules().front().id + "').");
        try {
            findQuasarRule(id.text);
        } catch (const core::UserError& error) {
            fail(id, error.what(), error.remedy());
        }
        ++m_at;
        expectSymbol(")");
        return make(Kind::Rule, ValueType::Boolean, at, id.text);
    }

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    std::size_t m_level = 0;
    std::size_t m_nodes = 0;
    bool m_withModel;
};

} // namespace

std::unique_ptr<WhereNode> parseWhere(std::string_view expression, bool withModel)
{
    return Parser(expression, withModel).run();
}

void checkWhere(const std::string& expression, bool withModel)
{
    parseWhere(expression, withModel);
}

} // namespace voorwerp::catalog
