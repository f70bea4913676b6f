-- What pandoc's writers leave out: alt text on formulas in both targets, and the language of Korean words.

local is_typst = FORMAT:match("typst") ~= nil

local function attribute(text)
  return (text:gsub("&", "&amp;"):gsub('"', "&quot;"):gsub("<", "&lt;"))
end

local function string_literal(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", " ") .. '"'
end

local function with_alt(math, alt)
  local single = pandoc.Pandoc({ pandoc.Plain({ math }) })
  if is_typst then
    local body = pandoc.write(single, "typst"):gsub("%s+$", "")
    local block = math.mathtype == "DisplayMath" and "true" or "false"
    -- The semicolon keeps a following "(" or "." from being read as part of the call.
    return pandoc.RawInline("typst",
      "#math.equation(block: " .. block .. ", alt: " .. string_literal(alt) .. ", " .. body .. ");")
  end
  local html = pandoc.write(single, "html", { html_math_method = "mathml" })
  return pandoc.RawInline("html", (html:gsub("^<math ", '<math alttext="' .. attribute(alt):gsub("%%", "%%%%") .. '" ', 1)))
end

local function formula(div)
  if not div.classes:includes("formula") then return nil end
  local alt = div.attributes.alt
  div.attributes.alt = nil
  local shown = div:walk({ Math = function(math) return with_alt(math, alt) end })
  if not is_typst then return shown end
  return pandoc.List({ pandoc.RawBlock("typst", "#align(center)[") }) .. shown.content .. { pandoc.RawBlock("typst", "]") }
end

local function math(el)
  return with_alt(el, el.text)
end

local function is_hangul(code)
  return (code >= 0x1100 and code <= 0x11FF) or (code >= 0x3130 and code <= 0x318F) or (code >= 0xAC00 and code <= 0xD7A3)
end

local function korean(text)
  if is_typst then
    return pandoc.RawInline("typst", "#text(lang: \"ko\", " .. string_literal(text) .. ");")
  end
  return pandoc.Span({ pandoc.Str(text) }, pandoc.Attr("", {}, { lang = "ko" }))
end

local function words(el)
  -- Lead bytes of Hangul in UTF-8: most words are let through without being taken apart.
  if not el.text:find("[\xE1\xE3\xEA-\xED]") then return nil end
  local runs, kind = {}, nil
  for _, code in utf8.codes(el.text) do
    local now = is_hangul(code)
    if now ~= kind then runs[#runs + 1] = { ko = now, text = "" } end
    kind = now
    runs[#runs].text = runs[#runs].text .. utf8.char(code)
  end
  local out = pandoc.List()
  for _, run in ipairs(runs) do
    out:insert(run.ko and korean(run.text) or pandoc.Str(run.text))
  end
  return #runs > 0 and (#runs > 1 or runs[1].ko) and out or nil
end

return { { Div = formula }, { Math = math, Str = words } }
