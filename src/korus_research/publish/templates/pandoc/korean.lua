-- What pandoc's writers leave out: the language of Korean words. Looking at every word takes a third of pandoc's time, so
-- converters/pandoc.py asks for it only where there are Korean words.

local is_typst = FORMAT:match("typst") ~= nil

local function string_literal(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", " ") .. '"'
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

return { { Str = words } }
