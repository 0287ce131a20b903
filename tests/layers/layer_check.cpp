// SPDX-License-Identifier: GPL-3.0-or-later
#include "layers/layer_check.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace voorwerp::layers {

namespace fs = std::filesystem;

namespace {

constexpr int kLongestFile = 600;

/// Room → what it may include besides itself. The picture is in engine/README.md.
const std::map<std::string, std::set<std::string>>& allowedArrows()
{
    static const std::map<std::string, std::set<std::string>> arrows = [] {
        std::map<std::string, std::set<std::string>> engine = {
            {"core", {}},
            {"fits", {"core"}},
            {"mock", {"core", "fits"}},
            {"catalog", {"core"}},
            {"dataset", {"core", "nn"}}, // of nn the form of compact rows and CUDA's wrappers: see the fence
            {"nn", {}},
            {"train", {"core", "dataset", "nn"}},
            {"score", {"core", "dataset", "nn"}},
            {"latent", {"core"}},
            {"registry", {"core", "nn"}},
            {"backup", {"core"}},
            {"cluster", {"core"}},
            {"monitor", {"core"}},
            {"export", {"core", "fits"}},
        };
        std::set<std::string> wholeEngine;
        for (const auto& [room, targets] : engine)
            wholeEngine.insert(room);
        std::set<std::string> pipeline = wholeEngine;
        pipeline.insert("app/pipeline");
        std::set<std::string> app = pipeline;
        app.insert({"app", "widgets"});
        engine["widgets"] = {"core"};
        engine["app/pipeline"] = wholeEngine;
        engine["app/cli"] = pipeline;
        engine["app"] = app;
        return engine;
    }();
    return arrows;
}

/// A library that only some rooms may use.
struct Fence
{
    const char* rule;
    const char* headers; ///< regular expression of the include
    std::set<std::string> rooms;
    const char* message;
};

const std::vector<Fence>& fences()
{
    static const std::vector<Fence> list = {
        {"qt", "Q[A-Z].*|Qt.*|q[a-z]+\\.h", {"app", "widgets"}, "Qt lives in app/ and widgets/ only"},
        {"cfitsio", "fitsio2?\\.h|longnam\\.h|CCfits.*", {"fits"}, "cfitsio lives in engine/fits only"},
        {"hdf5",
         "H5.*|hdf5.*|highfive/.*",
         {"dataset", "registry"},
         "HDF5 lives in engine/dataset and engine/registry only"},
        {"network",
         "nn/(?!compact_rows\\.h|cuda/device\\.h|cuda/block\\.cuh).*",
         {"nn", "train", "score", "registry", "app/pipeline", "app/cli", "app"},
         "networks are for train, score and registry; others know compact rows and CUDA's wrappers at most"},
        {"pqxx", "pqxx/.*|libpq.*\\.h", {"catalog"}, "PostgreSQL is spoken in engine/catalog only"},
    };
    return list;
}

bool isTestOrBench(const std::string& room)
{
    return room == "tests" || room == "bench";
}

/// Device files may launch kernels: all of nn/cuda, and .cu files of latent/ and dataset/.
bool mayLaunchKernels(const fs::path& file)
{
    const std::string path = file.generic_string();
    const bool deviceFile = file.extension() == ".cu" || file.extension() == ".cuh";
    return path.starts_with("engine/nn/cuda/") ||
           (deviceFile && (path.starts_with("engine/latent/") || path.starts_with("engine/dataset/")));
}

int lineOf(const std::string& text, std::size_t position)
{
    return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(position), '\n'));
}

/// The checks of one file.
class FileCheck
{
public:
    FileCheck(const fs::path& root, fs::path file, std::vector<Violation>& violations)
        : m_root(root)
        , m_file(std::move(file))
        , m_room(roomOf(m_file))
        , m_violations(violations)
    {
    }

    void run()
    {
        std::ostringstream stream;
        stream << std::ifstream(m_root / m_file, std::ios::binary).rdbuf();
        const std::string source = stream.str();
        checkLength(source);
        if (isTestOrBench(m_room))
            return;
        if (!allowedArrows().contains(m_room))
            return add(0, "room",
                       "engine/" + m_room + " is not a room that architecture and layer check know");
        const SourceText text = takeApart(source);
        checkIncludes(text);
        checkLaunches(text);
        checkSql(text);
    }

private:
    void add(int line, const char* rule, const std::string& message)
    {
        m_violations.push_back({m_file, line, rule, message});
    }

    void checkLength(const std::string& source)
    {
        const auto lines = std::count(source.begin(), source.end(), '\n');
        if (lines > kLongestFile)
            add(0, "length", std::to_string(lines) + " lines; the longest file may have 600");
    }

    void checkIncludes(const SourceText& text)
    {
        static const std::regex pattern(R"((^|\n)[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"])");
        const std::string& code = text.withoutComments;
        for (std::sregex_iterator it(code.begin(), code.end(), pattern), end; it != end; ++it) {
            const int line = lineOf(code, static_cast<std::size_t>(it->position(2)));
            checkFences(line, (*it)[2]);
            checkArrow(line, (*it)[2]);
        }
    }

    void checkFences(int line, const std::string& include)
    {
        for (const Fence& fence : fences())
            if (!fence.rooms.contains(m_room) && std::regex_match(include, std::regex(fence.headers)))
                add(line, fence.rule, "includes " + include + ", but " + fence.message);
    }

    void checkArrow(int line, const std::string& include)
    {
        const bool neighbour = fs::exists(m_root / m_file.parent_path() / include);
        const std::string target =
            neighbour ? roomOf((m_file.parent_path() / include).lexically_normal()) : roomOf(include);
        if (target.empty() || target == m_room || allowedArrows().at(m_room).contains(target))
            return;
        add(line, "arrow", "includes " + include + ": " + m_room + " may not know " + target);
    }

    void checkLaunches(const SourceText& text)
    {
        const std::size_t at = text.codeOnly.find("<<<");
        if (at != std::string::npos && !mayLaunchKernels(m_file))
            add(lineOf(text.codeOnly, at), "launch", "launches a kernel; that belongs into engine/nn/cuda");
    }

    void checkSql(const SourceText& text)
    {
        if (m_room == "catalog")
            return;
        for (const SourceText::Literal& literal : text.literals)
            if (looksLikeSql(literal.text))
                add(literal.line, "sql", "has SQL, which belongs into engine/catalog: " + literal.text);
    }

    const fs::path& m_root;
    fs::path m_file;
    std::string m_room;
    std::vector<Violation>& m_violations;
};

} // namespace

bool looksLikeSql(const std::string& text)
{
    static const std::regex statement(
        R"((^|[^A-Za-z_])(SELECT\s|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX|SCHEMA|DATABASE|ROLE)|ALTER\s+(TABLE|ROLE)|DROP\s+(TABLE|SCHEMA|DATABASE)))"
        R"(|(^|[^a-z_])(select\s+\S+\s+from\s|insert\s+into\s|delete\s+from\s+\w+\s+where|create\s+table\s))");
    return std::regex_search(text, statement);
}

std::string roomOf(const fs::path& path)
{
    auto part = path.begin();
    if (part == path.end())
        return {};
    const std::string first = part->string();
    const std::string second = ++part == path.end() ? std::string() : part->string();
    if (first == "engine")
        return second;
    if (first == "app")
        return second == "pipeline" || second == "cli" ? "app/" + second : "app";
    if (first == "widgets" || first == "tests" || first == "bench")
        return first;
    return !second.empty() && allowedArrows().contains(first) ? first : std::string();
}

std::vector<Violation> checkTree(const fs::path& root)
{
    static const std::set<std::string> extensions = {".h", ".hpp", ".cpp", ".cu", ".cuh"};
    std::vector<fs::path> files;
    for (const char* folder : {"app", "bench", "engine", "tests", "widgets"}) {
        if (!fs::is_directory(root / folder))
            continue;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder))
            if (entry.is_regular_file() && extensions.contains(entry.path().extension().string()))
                files.push_back(fs::relative(entry.path(), root));
    }
    std::sort(files.begin(), files.end());
    std::vector<Violation> violations;
    for (const fs::path& file : files)
        FileCheck(root, file, violations).run();
    return violations;
}

} // namespace voorwerp::layers
