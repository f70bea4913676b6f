-- What pandoc's Typst writer leaves out: hyphens that Typst would read as a soft hyphen, a minus sign or a dash.

local function words(el)
  if not el.text:find("%-[%-%?%d]") then return nil end
  local out = pandoc.List()
  local place = 1
  while true do
    local at = el.text:find("%-[%-%?%d]", place)
    if not at then break end
    if at > place then out:insert(pandoc.Str(el.text:sub(place, at - 1))) end
    out:insert(pandoc.RawInline("typst", "\\-"))
    place = at + 1
  end
  if place <= #el.text then out:insert(pandoc.Str(el.text:sub(place))) end
  return out
end

return { { Str = words } }
