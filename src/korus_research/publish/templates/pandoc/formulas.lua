-- What pandoc's writers leave out: alt text on formulas, in both targets.

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
  if not is_typst then
    -- A formula wider than a phone scrolls in its own box, which the keyboard must reach and a reader must hear named.
    shown.attributes.tabindex, shown.attributes.role, shown.attributes["aria-label"] = "0", "group", "Formula"
    return shown
  end
  return pandoc.List({ pandoc.RawBlock("typst", "#align(center)[") }) .. shown.content .. { pandoc.RawBlock("typst", "]") }
end

local function math(el)
  return with_alt(el, el.text)
end

return { { Div = formula }, { Math = math } }
